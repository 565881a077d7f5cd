import { startHttpServer, type ReceivedRequest } from '../http-server.ts';
import { recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';

/** What an operation is asked: its input as the SDK sent it. */
export type Input = Readonly<Record<string, unknown>>;

/** Answers an operation with its output, or throws an {@link AwsError}. */
export type Operation = (input: Input) => unknown;

/** What AWS says instead of an output. */
export class AwsError extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export interface AwsServer {
  readonly endpoint: string;
  /** Answers an operation, whatever service it belongs to: their names differ. Gives what answered it before. */
  answer(operation: string, reply: Operation): Operation;
  /** The inputs of an operation, in order. */
  asked(operation: string): readonly Input[];
  /** Region and service that the requests of an operation were signed for, such as `eu-west-1/sns`. */
  signedFor(operation: string): readonly string[];
  /** The names of all operations that were asked for. */
  operations(): readonly string[];
  /** What its answers say the time is. */
  setClock(now: () => number): void;
  stop(): Promise<void>;
}

/** An endpoint on the loopback that speaks the protocols of the services that the operator's commands call. */
export async function startAwsServer(): Promise<AwsServer> {
  const operations = new Map<string, Operation>();
  const inputs = new Map<string, Input[]>();
  const scopes = new Map<string, string[]>();
  let now = (): number => Date.now();
  const server = await startHttpServer(async (request) => {
    const { operation, input, write, isForm } = parse(request);
    const headers = { date: new Date(now()).toUTCString() };
    inputs.set(operation, [...(inputs.get(operation) ?? []), input]);
    const [, scope = ''] =
      /Credential=[^/]+\/\d{8}\/([^/]+\/[^/]+)\/aws4_request/.exec(request.headers['authorization'] ?? '') ?? [];
    scopes.set(operation, [...(scopes.get(operation) ?? []), scope]);
    try {
      const reply = operations.get(operation) ?? unanswered(operation);
      return { headers, ...write(await reply(input)) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { headers: more, ...answer } = fault(error, isForm === true);
      return { headers: { ...headers, ...more }, ...answer };
    }
  });
  return {
    endpoint: server.url,
    answer(operation, reply) {
      const before = operations.get(operation) ?? unanswered(operation);
      operations.set(operation, reply);
      return before;
    },
    asked: (operation) => inputs.get(operation) ?? [],
    signedFor: (operation) => scopes.get(operation) ?? [],
    operations: () => [...inputs.keys()],
    setClock(clock) {
      now = clock;
    },
    stop: () => server.stop(),
  };
}

function unanswered(operation: string): Operation {
  return () => {
    throw new AwsError('NotImplemented', `the test has no answer to ${operation}`);
  };
}

interface Parsed {
  readonly operation: string;
  readonly input: Input;
  readonly write: (output: unknown) => { readonly status?: number; readonly body: string | Uint8Array };
  /** The query protocol, whose faults are XML. */
  readonly isForm?: true;
}

const json = (output: unknown): { readonly body: string } => ({ body: JSON.stringify(output ?? {}) });

function parse(request: ReceivedRequest): Parsed {
  const { method, path, headers, body } = request;
  const target = headers['x-amz-target'];
  if (target !== undefined) {
    return { operation: target.slice(target.indexOf('.') + 1), input: recordOf(JSON.parse(body)), write: json };
  }
  const [, kind = '', name = '', verb = ''] = /^\/20[\d-]+\/([\w-]+)\/?([^/?]*)\/?(\w*)/.exec(path) ?? [];
  if (kind === 'event-source-mappings' && name === '') {
    const [, FunctionName = ''] = /[?&]FunctionName=([^&]+)/.exec(path) ?? [];
    return { operation: 'ListEventSourceMappings', input: { FunctionName }, write: json };
  }
  if (kind === 'functions' && method === 'GET') {
    const operation = verb === 'concurrency' ? 'GetFunctionConcurrency' : 'GetFunctionConfiguration';
    return { operation, input: { FunctionName: name }, write: json };
  }
  if (kind === 'event-source-mappings') {
    const operation = method === 'GET' ? 'GetEventSourceMapping' : 'UpdateEventSourceMapping';
    return { operation, input: { UUID: name, ...recordOf(JSON.parse(body || '{}')) }, write: json };
  }
  if (path.includes('/account-settings')) return { operation: 'GetAccountSettings', input: {}, write: json };
  if (verb === 'invocations') {
    const input = { FunctionName: name, Payload: JSON.parse(body || 'null') };
    return { operation: 'Invoke', input, write: (output) => ({ status: 200, body: JSON.stringify(output) }) };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  const operation = textOf(form['Action']);
  return { operation, input: form, write: (output) => ({ body: xml(operation, output) }), isForm: true };
}

/** An output in the query protocol, which CloudFormation, IAM, SNS and STS still speak. */
function xml(operation: string, output: unknown): string {
  return `<${operation}Response><${operation}Result>${element(output)}</${operation}Result></${operation}Response>`;
}

function element(value: unknown): string {
  if (Array.isArray(value)) return value.map((member) => `<member>${element(member)}</member>`).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, inner]) => `<${name}>${element(inner)}</${name}>`)
      .join('');
  }
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** As each protocol says that something is wrong. */
function fault(
  { name, message, status }: AwsError,
  isForm: boolean,
): { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string } {
  return isForm
    ? {
        status,
        body: `<ErrorResponse><Error><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      }
    : {
        status,
        headers: { 'x-amzn-query-error': `${name};Sender`, 'x-amzn-errortype': name },
        body: JSON.stringify({ __type: name, message }),
      };
}
