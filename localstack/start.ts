import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import type { ClusterAccess } from '../relay/cluster/api-client.ts';
import { parseConfig } from '../relay/config.ts';
import { createLogger } from '../relay/log.ts';
import { startRelay } from '../relay/relay.ts';
import { queueSender } from '../relay/queue/sqs.ts';
import { startEmbeddedStack, type EmbeddedStack, type Summary } from './embedded/embedded.ts';
import { readableLine } from './embedded/readable-log.ts';
import { startSampleCluster } from './sample/sample-cluster.ts';
import { startArchiveServer, type ArchiveServer } from './sample/archive-server.ts';
import {
  addArchive,
  createLogDestination,
  createSampleDestinations,
  type SampleDestinations,
} from './sample/sample-destinations.ts';
import { columns, unknownOption } from '../infra/ops/command.ts';
import { countText } from '../infra/ops/count.ts';
import { createRedactor } from '../functions/core/contract/redaction.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';

const USAGE = 'npm start -- [--kubeconfig FILE] [--context NAME] [--folder DIR] [--archive DIR]';
const text = { type: 'string' } as const;
const OPTIONS = {
  kubeconfig: text,
  context: text,
  folder: text,
  archive: text,
  help: { type: 'boolean', short: 'h' },
} as const;
const HELP = [
  `Usage: ${USAGE}`,
  '',
  'Runs relay, router and sinks in this process until Ctrl-C, on events of a built-in sample cluster or of a real one.',
  '',
  ...columns([
    ['--kubeconfig FILE', 'Watch the cluster of this kubeconfig.'],
    ['--context NAME', 'Watch the cluster of this context of the kubeconfig.'],
    [
      '--folder DIR',
      'Deliver to the destinations in DIR/destinations, with the secrets in DIR/secrets; edits take effect at once.',
    ],
    ['--archive DIR', 'Keep every event in DIR, which ops archive searches; not with --folder.'],
    ['--help, -h', 'Show this text.'],
  ]),
].join('\n');
const DRAIN_LIMIT_MS = 10_000;
const SAME_SIGNAL_MS = 1000;
const SAMPLE_SEED = 1;

/** What the person asked for cannot be done; the message is all they need. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Choice {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly folder: string | undefined;
  readonly archive: string | undefined;
  readonly help: boolean;
}

/** A cluster to watch, and the name its events carry. */
interface Cluster {
  readonly name: string;
  readonly access: ClusterAccess;
  readonly stop: () => Promise<void>;
}

function tell(line: string): void {
  process.stderr.write(`${readableLine(line)}\n`);
}

function parseChoice(args: readonly string[]): Choice {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(OPTIONS, token.name)) continue;
    throw new UsageError(unknownOption(token.rawName, Object.keys(OPTIONS)));
  }
  try {
    const {
      kubeconfig,
      context,
      folder,
      archive,
      help = false,
    } = parseArgs({ args: [...args], options: OPTIONS }).values;
    return { kubeconfig, context, folder, archive, help };
  } catch (error) {
    const [problem = ''] = messageOf(error).split(/\. |\n/);
    throw new UsageError(`${problem}; usage: ${USAGE}`);
  }
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(join(folder, 'destinations')).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new UsageError(
      `--folder ${folder}: there is no ${join(folder, 'destinations')}; expected <type>/<name>.json or .yaml files in it`,
    );
  }
}

async function realCluster({ kubeconfig, context }: Choice): Promise<Cluster> {
  if (kubeconfig !== undefined && !(await stat(kubeconfig).catch(() => undefined))) {
    throw new UsageError(`--kubeconfig ${kubeconfig}: there is no such file`);
  }
  // The library takes longer to load than all the rest, and the sample does without it.
  const { kubeconfigAccess } = await import('../relay/cluster/kubeconfig.ts');
  try {
    const access = await kubeconfigAccess({
      ...(kubeconfig !== undefined && { file: kubeconfig }),
      ...(context !== undefined && { context }),
    });
    const name = /\(context (.+)\)$/.exec(access.description)?.[1] ?? 'cluster';
    const allowed = name
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63);
    return { name: allowed || 'cluster', access, stop: () => Promise.resolve() };
  } catch (error) {
    const problem = messageOf(error);
    throw new UsageError(kubeconfig === undefined ? problem : `--kubeconfig ${kubeconfig}: ${problem}`);
  }
}

async function sampleCluster(): Promise<Cluster> {
  const { url, stop } = await startSampleCluster(SAMPLE_SEED);
  const credentials = { server: new URL(url), headers: {}, tls: {} };
  return { name: 'sample', access: { description: 'the built-in sample', credentials: async () => credentials }, stop };
}

async function main(): Promise<void> {
  const choice = parseChoice(process.argv.slice(2));
  if (choice.help) {
    print(HELP);
    return;
  }
  if (choice.folder !== undefined && choice.archive !== undefined)
    throw new UsageError(
      '--archive goes with the built-in destinations: leave --folder out, or add an s3 destination to it',
    );
  if (choice.folder !== undefined) await checkFolder(choice.folder);
  const isSample = choice.kubeconfig === undefined && choice.context === undefined;
  const cluster = isSample ? await sampleCluster() : await realCluster(choice);
  tell(
    isSample
      ? 'kube-courier: events of a built-in SAMPLE cluster, made up; --context NAME or --kubeconfig FILE watches a real one'
      : `kube-courier: events of ${cluster.access.description}`,
  );

  let stack: EmbeddedStack | undefined;
  const replay = async (type: string): Promise<unknown> => stack?.replay(type);
  const destinations = await chooseDestinations(choice.folder, isSample, replay);
  tell(
    `kube-courier: destinations are the files in ${join(destinations.folder, 'destinations')}; edits take effect within a second`,
  );
  const archive = await startArchive(choice.archive, destinations);
  tell('kube-courier: Ctrl-C ends and sums up');
  const running = await startEmbeddedStack({ folder: destinations.folder, print, log: tell });
  stack = running;
  const relay = await startEmbeddedRelay(cluster, running);

  let stoppingSince: number | undefined;
  async function stop(): Promise<void> {
    if (stoppingSince !== undefined) {
      // Asked twice: at once. npm passes on the Ctrl-C that the terminal has already sent, which is once.
      if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    stoppingSince = Date.now();
    await relay.stop();
    await running.drain(DRAIN_LIMIT_MS);
    const [summary] = await Promise.all([running.stop(), cluster.stop(), destinations.stop(), archive?.stop()]);
    tell(summaryLine(summary));
    process.exit(0);
  }
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  // Whoever read the lines has gone.
  process.stdout.on('error', () => void stop());
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function chooseDestinations(
  folder: string | undefined,
  isSample: boolean,
  replay: (type: string) => Promise<unknown>,
): Promise<SampleDestinations> {
  if (folder !== undefined) return { folder, stop: () => Promise.resolve() };
  return isSample ? createSampleDestinations(tell, replay) : createLogDestination();
}

/** Keeps every event in a folder, by the same sink and the same requests as in a bucket. */
async function startArchive(
  folder: string | undefined,
  destinations: SampleDestinations,
): Promise<ArchiveServer | undefined> {
  if (folder === undefined) return undefined;
  const server = await startArchiveServer(folder);
  await addArchive(destinations.folder, server.endpoint);
  tell(`kube-courier: every event is kept: npm run -s ops -- archive search --archive ${join(folder, 'events')}`);
  return server;
}

async function startEmbeddedRelay({ name, access }: Cluster, { ingestQueueUrl, queues }: EmbeddedStack) {
  // Nobody pays for a message here.
  const budget = { SENDS_PER_SECOND: '1000', SENDS_BURST: '1000' };
  const env = { QUEUE_URL: ingestQueueUrl, CLUSTER_NAME: name, CURSOR: 'none', PORT: '0', ...budget };
  const parsed = parseConfig(env, { inCluster: false, podNamespace: undefined });
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.join('; '));
  const redactor = createRedactor();
  return startRelay(parsed.config, {
    access,
    redactor,
    send: queueSender(ingestQueueUrl, { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: queues.endpoint }, () =>
      Promise.resolve({ accessKeyId: 'embedded', secretAccessKey: 'embedded' }),
    ),
    log: createLogger('warn', tell, redactor.redact),
    version: manifest.version,
  });
}

function summaryLine({ events, seen, delivered, filtered, deadLettered, waiting, retried, replayed }: Summary): string {
  const missing = seen - delivered - filtered - deadLettered - waiting;
  const verdict = missing === 0 ? 'it adds up' : `${missing} unaccounted for`;
  return (
    `kube-courier: ${countText(events, 'event')}; event x destination: seen ${seen} = delivered ${delivered} + filtered ${filtered} + ` +
    `dead-lettered ${deadLettered} + waiting ${waiting} (${verdict}); retried ${retried}, replayed ${replayed}`
  );
}

try {
  await main();
} catch (error) {
  tell(`kube-courier: ${messageOf(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
