import { dockerWorks, startContainer } from './docker.ts';
import type { RunningEndpoint } from './endpoint.ts';
import { startPythonProcess } from './python-process.ts';

export interface LocalStack extends RunningEndpoint {
  /** What the AWS clients of this and other processes need to talk to it, and to nothing else. */
  readonly env: Readonly<Record<(typeof AWS_VARIABLES)[number], string>>;
}

const AWS_VARIABLES = [
  'AWS_ENDPOINT_URL',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
] as const;
const REGION = 'us-east-1';
const LOCAL_ACCOUNT = '000000000000';
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Finds LocalStack, or starts it: the endpoint in `LOCALSTACK_ENDPOINT` (or in `AWS_ENDPOINT_URL`, if it is on this
 * machine); else a container, where Docker works; else the locked Python packages.
 * @throws if what answers there is not LocalStack's account.
 */
export async function startLocalStack(
  log: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<LocalStack> {
  const running =
    existing(process.env) ?? ((await dockerWorks()) ? await startContainer() : await startPythonProcess(log));
  log(`LocalStack: ${running.endpoint}`);
  try {
    await assertLocalAccount(running.endpoint);
  } catch (error) {
    await running.stop();
    throw error;
  }
  const env = {
    AWS_ENDPOINT_URL: running.endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return { ...running, env };
}

function existing(env: NodeJS.ProcessEnv): RunningEndpoint | undefined {
  const named = env['LOCALSTACK_ENDPOINT'];
  const general = env['AWS_ENDPOINT_URL'];
  const endpoint = named || (general && LOOPBACK.has(new URL(general).hostname) ? general : undefined);
  if (!endpoint) return undefined;
  const receivers = { bind: '127.0.0.1', host: '127.0.0.1' };
  return { origin: 'found', endpoint: endpoint.replace(/\/+$/, ''), receivers, stop: () => Promise.resolve() };
}

/**
 * Makes sure that an endpoint is an emulator, before anything is deployed to it. The request carries no valid signature, so
 * a real account cannot answer it.
 * @throws unless the account is 000000000000.
 */
export async function assertLocalAccount(endpoint: string): Promise<void> {
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/sts/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });
  const [, account = `no account (HTTP ${reply.status})`] = /<Account>(\d+)<\/Account>/.exec(await reply.text()) ?? [];
  if (account !== LOCAL_ACCOUNT)
    throw new Error(`${endpoint} answers for ${account}, want LocalStack's ${LOCAL_ACCOUNT}`);
}

/** This process' environment with every AWS setting replaced by LocalStack's, for the commands that tests run. */
export function localEnvironment(localStack: LocalStack): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(others), ...localStack.env };
}
