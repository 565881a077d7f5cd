import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningEndpoint } from './endpoint.ts';
import { installLocalStack } from './python-packages.ts';

const EXECUTOR = join(import.meta.dirname, 'executor');
const READY_TIMEOUT_MS = 180_000;
const READY_POLL_MS = 100;
const STOP_TIMEOUT_MS = 2_000;
const LOG_LINES_IN_ERROR = 30;

/** LocalStack as a process of this machine, its functions as processes of their own. Reachable from this machine only. */
export async function startPythonProcess(log: (line: string) => void): Promise<RunningEndpoint> {
  const python = await installLocalStack(log);
  const folder = await mkdtemp(join(tmpdir(), 'kube-courier-localstack-'));
  await mkdir(join(folder, 'tmp'));
  const logPath = join(folder, 'localstack.log');
  const logFile = await open(logPath, 'w');
  const address = `127.0.0.1:${await freePort()}`;
  // Its own process group holds the functions' processes too, so that all of them can be ended together.
  const child = spawn(python, [join(EXECUTOR, 'run.py')], {
    cwd: folder,
    env: settings(folder, address),
    stdio: ['pipe', logFile.fd, logFile.fd],
    detached: true,
  });
  const exited = once(child, 'exit');
  await logFile.close();

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    // It can hang while a request is under way.
    await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    if (child.pid !== undefined) killGroup(child.pid);
    await exited;
    await rm(folder, { recursive: true, force: true });
  }

  const endpoint = `http://${address}`;
  try {
    await Promise.race([
      isReady(endpoint),
      exited.then(([code]) => Promise.reject(new Error(`LocalStack ended with exit code ${code}`))),
    ]);
  } catch (error) {
    const lines = (await readFile(logPath, 'utf8')).trim().split('\n').slice(-LOG_LINES_IN_ERROR);
    await stop();
    throw new Error(`LocalStack did not start; its log ends with:\n${lines.join('\n')}`, { cause: error });
  }
  return { origin: 'process', endpoint, receivers: { bind: '127.0.0.1', host: '127.0.0.1' }, stop };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is empty: everything has ended by itself.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function isReady(endpoint: string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
  for (;;) {
    deadline.throwIfAborted();
    const reply = await fetch(`${endpoint}/_localstack/health`, { signal: deadline }).catch(() => undefined);
    if (reply?.ok) return;
    await sleep(READY_POLL_MS);
  }
}

function settings(folder: string, address: string): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    PYTHONPATH: EXECUTOR,
    PYTHONDONTWRITEBYTECODE: '1',
    TMPDIR: join(folder, 'tmp'),
    FILESYSTEM_ROOT: folder,
    OVERRIDE_IN_DOCKER: '0',
    GATEWAY_LISTEN: address,
    // The default server ignores the host it is given and listens on every interface.
    GATEWAY_SERVER: 'hypercorn',
    LOCALSTACK_HOST: address,
    // The SDK calls the host in a queue's URL: this puts the gateway's own address there.
    SQS_ENDPOINT_STRATEGY: 'path',
    DNS_ADDRESS: '0',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    LAMBDA_RUNTIME_EXECUTOR: 'node',
    LAMBDA_NODE_BINARY: process.execPath,
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '60',
    // Often enough for tests not to wait, seldom enough for an idle mapping not to take processor time from them.
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: '0.05',
    LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: '0.3',
  };
}
