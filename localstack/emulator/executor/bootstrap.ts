/**
 * What Lambda's Node.js runtime does for a function, in small: `node_executor.py` starts it with the number of a socket's
 * file descriptor. Requests come in and replies go out on it, one JSON document per line. The first reply says that the
 * handler is loaded, or why not.
 */
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

interface Request {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

type Handler = (event: unknown, context: unknown) => unknown;

const { env } = process;
const channel = new Socket({ fd: Number(process.argv[2]) });

function reply(message: object): void {
  channel.write(`${JSON.stringify(message)}\n`);
}

function replyError(error: unknown): void {
  // Lambda prints it too: that is how the stack reaches the log.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  reply({ error: { errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] } });
}

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

async function loadHandler(): Promise<Handler> {
  const name = env['_HANDLER'] ?? '';
  const dot = name.lastIndexOf('.');
  const path = join(env['LAMBDA_TASK_ROOT'] ?? '', name.slice(0, dot));
  const file = ['.mjs', '.js', '.cjs'].map((extension) => path + extension).find((candidate) => existsSync(candidate));
  if (!file) throw failure('Runtime.ImportModuleError', `no module ${path} with extension .mjs, .js or .cjs`);
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
  const handler = module[name.slice(dot + 1)];
  if (!isHandler(handler)) throw failure('Runtime.HandlerNotFound', `${name} is not an exported function`);
  return handler;
}

async function serve(handler: Handler, request: Request): Promise<void> {
  const context = {
    awsRequestId: request.requestId,
    invokedFunctionArn: request.functionArn,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => request.deadlineMs - Date.now(),
  };
  try {
    const result = await handler(JSON.parse(request.payload), context);
    reply({ result: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    replyError(error);
  }
}

// Without LocalStack there is nobody to work for.
channel.on('close', () => process.exit());
channel.on('error', () => process.exit());

try {
  const handler = await loadHandler();
  reply({ ready: true });
  createInterface({ input: channel }).on('line', (line) => {
    const request: Request = JSON.parse(line);
    void serve(handler, request);
  });
} catch (error) {
  replyError(error);
}
