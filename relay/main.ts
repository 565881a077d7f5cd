import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { secretsOfEnvironment } from '../functions/core/aws/secrets.ts';
import { createRedactor } from '../functions/core/contract/redaction.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';
import type { ClusterAccess } from './cluster/api-client.ts';
import { SERVICE_ACCOUNT_FOLDER, serviceAccountAccess } from './cluster/service-account.ts';
import { parseConfig } from './config.ts';
import { createLogger } from './log.ts';
import { queueSender } from './queue/sqs.ts';
import { type RelayHandle, startRelay } from './relay.ts';

const { env } = process;
const write = (line: string): void => void process.stderr.write(line);
const redactor = createRedactor();
redactor.use(secretsOfEnvironment(env));

async function clusterAccess(inCluster: boolean): Promise<ClusterAccess> {
  if (inCluster) {
    return serviceAccountAccess(env['KUBERNETES_SERVICE_HOST'] ?? '', env['KUBERNETES_SERVICE_PORT'] ?? '443');
  }
  // Here and nowhere else: a relay in a cluster has no use for it.
  const { kubeconfigAccess } = await import('./cluster/kubeconfig.ts');
  return kubeconfigAccess();
}

/** Stops the relay, once there is one, when the process is told to end. */
function stopOnSignal(relay: () => RelayHandle | undefined): void {
  const stop = (): void => {
    const stopped = relay()?.stop() ?? Promise.resolve();
    void stopped.finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function main(): Promise<void> {
  let relay: RelayHandle | undefined;
  stopOnSignal(() => relay);
  const podNamespace = await readFile(join(SERVICE_ACCOUNT_FOLDER, 'namespace'), 'utf8').catch(() => undefined);
  const inCluster = env['KUBERNETES_SERVICE_HOST'] !== undefined && env['KUBECONFIG'] === undefined;
  const parsed = parseConfig(env, { inCluster, podNamespace: podNamespace?.trim() });
  if ('mistakes' in parsed) {
    const log = createLogger('info', write, redactor.redact);
    for (const mistake of parsed.mistakes) log('error', mistake);
    process.exitCode = 1;
    return;
  }
  const { config } = parsed;
  const log = createLogger(config.logLevel, write, redactor.redact);
  try {
    const access = await clusterAccess(inCluster);
    const send = queueSender(config.queueUrl, env);
    relay = await startRelay(config, { access, send, log, redactor, version: manifest.version });
  } catch (error) {
    log('error', messageOf(error));
    process.exitCode = 1;
  }
}

await main();
