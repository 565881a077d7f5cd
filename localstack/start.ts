import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import type { ClusterAccess } from '../relay/cluster/api-client.ts';
import { parseConfig } from '../relay/config.ts';
import { createLogger } from '../relay/log.ts';
import { startRelay } from '../relay/relay.ts';
import { queueSender } from '../relay/queue/sqs.ts';
import { createConsoleTap } from './embedded/console-tap.ts';
import { startEmbeddedStack, type EmbeddedStack } from './embedded/embedded.ts';
import { startQuiet } from './embedded/quiet.ts';
import { readableLine } from './embedded/readable-log.ts';
import { shownEvent, shownNote } from './embedded/shown.ts';
import { nextText, quietText, summaryLine } from './said.ts';
import { helpText, parseChoice, UsageError, type Choice } from './choice.ts';
import { startEmbeddedConsole } from './start-console.ts';
import { startSampleCluster } from './sample/sample-cluster.ts';
import { startArchiveServer, type ArchiveServer } from './sample/archive-server.ts';
import { addSampleChat, CHAT } from './sample/sample-chat.ts';
import { chatCard, type ChatMessage } from './sample/chat-card.ts';
import {
  addArchive,
  createLogDestination,
  createSampleDestinations,
  type SampleDestinations,
} from './sample/sample-destinations.ts';
import type { SampleReceiver } from './sample/receiver.ts';
import { screenOf } from '../infra/terminal/screen.ts';
import { createRedactor } from '../functions/core/contract/redaction.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';

const screen = screenOf(process.stdout);
const DRAIN_LIMIT_MS = 10_000;
const SAME_SIGNAL_MS = 1000;
const SAMPLE_SEED = 1;

/** A cluster to watch, and the name its events carry. */
interface Cluster {
  readonly name: string;
  readonly access: ClusterAccess;
  readonly stop: () => Promise<void>;
}

const noteScreen = screenOf(process.stderr);
/** Whoever looks at a terminal is told of what is shown; a file needs no sign of life. */
let heard = (): void => undefined;

/** A line for the person, on standard error; also of a function's or the relay's log. */
function tell(line: string): void {
  heard();
  process.stderr.write(`${noteScreen.columns === undefined ? readableLine(line) : shownNote(line, noteScreen)}\n`);
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
    print(helpText(screen));
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
  const chat =
    isSample && choice.folder === undefined ? await addSampleChat(destinations.folder, showMessage()) : undefined;
  tell('kube-courier: Ctrl-C ends and sums up');
  const tap = choice.console && createConsoleTap();
  const running = await startEmbeddedStack({
    folder: destinations.folder,
    print,
    log: tell,
    ...(tap && { tap }),
    ...(screen.columns !== undefined && { eventText: (event) => shownEvent(event, screen) }),
  });
  stack = running;
  const relay = await startEmbeddedRelay(cluster, running);
  const title = isSample ? 'built-in sample cluster' : cluster.access.description;
  const shown = tap && startEmbeddedConsole({ choice, title, ...destinations, stack: running, tap, tell });
  const quiet = startQuiet((quietMs) =>
    tell(`kube-courier: ${quietText(cluster.access.description, relay.ready(), running.summary(), quietMs)}`),
  );
  heard = () => quiet.heard();

  let stoppingSince: number | undefined;
  async function stop(): Promise<void> {
    if (stoppingSince !== undefined) {
      // Asked twice: at once. npm passes on the Ctrl-C that the terminal has already sent, which is once.
      if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    stoppingSince = Date.now();
    quiet.stop();
    heard = () => undefined;
    // The terminal has written ^C.
    if (process.stderr.isTTY) process.stderr.write('\n');
    tell(`kube-courier: ending: what is under way gets ${DRAIN_LIMIT_MS / 1000} s; Ctrl-C again ends at once`);
    await relay.stop();
    await running.drain(DRAIN_LIMIT_MS);
    await shown?.stop();
    const [summary] = await Promise.all([
      running.stop(),
      cluster.stop(),
      destinations.stop(),
      archive?.stop(),
      chat?.stop(),
    ]);
    tell(summaryLine(summary));
    tell(`kube-courier: next: ${nextText({ isSample, hasFolder: choice.folder !== undefined })}`);
    process.exit(0);
  }
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  // Whoever read the lines has gone.
  process.stdout.on('error', () => void stop());
}

function print(line: string): void {
  heard();
  process.stdout.write(`${line}\n`);
}

/** Destinations, and what receives what one of them delivers. */
type Destinations = SampleDestinations & { readonly receiver?: SampleReceiver };
/** Shows the first message of the sample's chat whole, and of the others that they came. */
function showMessage(): (message: ChatMessage) => void {
  let isFirst = true;
  return (message) => {
    tell(
      `sample: ${CHAT}, a chat, got ${isFirst ? 'this message, as DingTalk would show it:' : `another message: ${message.title}`}`,
    );
    if (isFirst) for (const line of chatCard(message, CHAT, noteScreen)) process.stderr.write(`${line}\n`);
    isFirst = false;
  };
}

async function chooseDestinations(
  folder: string | undefined,
  isSample: boolean,
  replay: (type: string) => Promise<unknown>,
): Promise<Destinations> {
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

try {
  await main();
} catch (error) {
  tell(`kube-courier: ${messageOf(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
