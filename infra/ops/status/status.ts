import { opsCommand } from '../../stack/ops-command.ts';
import { consumersOf } from '../../stack/parse-outputs.ts';
import { createLambda, createLogs, createSqs } from '../aws/clients.ts';
import { readStack, STACK_OPTIONS } from '../aws/stack.ts';
import { openStore } from '../aws/store.ts';
import { silencesIn } from '../../../functions/core/destinations/silences.ts';
import type { Row, Typed } from './row.ts';
import { silenceRows } from './silences.ts';
import { strandedQueues, strandedText } from '../aws/stranded.ts';
import type { Screen } from '../../terminal/screen.ts';
import { defineCommand, usageError, type Arguments, type ExitCode, type Io } from '../command.ts';
import { durationText } from '../duration.ts';
import { clusterRows, ofCluster } from './clusters.ts';
import { failingRow } from './failing.ts';
import { queueRow, readQueues } from './queues.ts';
import { FAILING_MS, readSignals, type Signals } from './signals.ts';
import { filterOf } from '../folder.ts';
import { lookedUpIn } from '../looked-up.ts';
import { plainLine, statusLines, verdictLine } from './view.ts';
import { watchStatus } from './watch.ts';

export const command = defineCommand({
  usage: '[--watch]',
  about:
    'One screen for whoever is on call: each queue with what waits, how old it is, its dead letters and whether it is paused; each destination that has failed in the last 20 minutes, with the reason; the last heartbeat of each cluster with the version of its relay; gaps and destinations that need repair, both of the last 15 minutes; destinations that have no sink, those that need labels which a relay does not look up; silences in force, with what they held in the last 20 minutes, and those that hold nothing because of a mistake; and what waits in queues of an earlier deployment. Lines that need you begin with !. Exit code 1: there are such lines; with --watch, there were at last.',
  examples: ['npm run -s ops -- status', 'npm run -s ops -- status --watch'],
  options: {
    ...STACK_OPTIONS,
    watch: {
      about: 'Show it anew every 5 seconds until Ctrl-C, on a terminal; what AWS refuses meanwhile is shown too.',
    },
  },
  async run(args, io) {
    if (args.flag('watch') && args.json)
      throw usageError('--watch redraws a terminal, --json is for programs: leave one of them out');
    if (args.flag('watch')) {
      const seen = await watchStatus(() => readRows(args, io), io);
      return exitCode(seen);
    }
    const rows = await readRows(args, io);
    if (args.json) for (const { needsYou, data } of rows) io.out(JSON.stringify({ ...data, needsYou }));
    else for (const line of linesOf(rows, io.screen)) io.out(line);
    return exitCode(rows);
  },
});

/** What was never seen is not well. */
function exitCode(rows: readonly Row[] | undefined): ExitCode {
  return rows?.every(({ needsYou }) => !needsYou) === true ? 0 : 1;
}

function linesOf(rows: readonly Row[], screen: Screen): readonly string[] {
  return screen.columns === undefined
    ? rows.map(plainLine)
    : [...statusLines(rows, screen), '', verdictLine(rows, screen)];
}

/** All there is to say of a stack now. */
async function readRows(args: Arguments<typeof STACK_OPTIONS>, { clock }: Pick<Io, 'clock'>): Promise<readonly Row[]> {
  const deployed = await readStack(args);
  const consumers = consumersOf(deployed);
  const now = clock.now();
  const sqs = createSqs();
  const { source } = openStore(deployed);
  const [queues, signals, stranded, destinations, silences] = await Promise.all([
    readQueues(consumers, sqs, createLambda()),
    readSignals(createLogs(), deployed, now),
    strandedQueues(sqs, deployed),
    source.list('destinations'),
    source.list('silences'),
  ]);
  const type: Typed = (words) => opsCommand({ stackName: deployed.stack }, words);
  const isDeployed = (owner: string): boolean => consumers.some((consumer) => consumer.owner === owner);
  return [
    ...queues.map((report) => queueRow(report, type)),
    ...signals.failing.map((failing) => failingRow(failing, now)),
    ...clusterRows(deployed, signals, now),
    ...signals.gaps.map(({ cluster, cause, at }): Row => {
      const text = `gap in ${cluster}: events may be missing (${cause}), ${durationText((now - at) / 1000)} ago`;
      return { needsYou: true, text, data: { kind: 'gap', cluster, cause, at: new Date(at).toISOString() } };
    }),
    ...signals.configErrors.map((destination): Row => ({
      needsYou: true,
      text: `destination ${destination} needs repair`,
      command: type('destinations validate'),
      data: { kind: 'configError', destination },
    })),
    ...[...destinations.keys()].toSorted().flatMap((id) => withoutSink(id, isDeployed, type)),
    ...[...destinations]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, document]) => ('text' in document ? withoutLabels(id, document.text, signals, type) : [])),
    ...silenceRows(silencesIn(silences, now), signals, now, type),
    ...stranded.map((queue): Row => ({
      needsYou: true,
      ...strandedText(queue, isDeployed(queue.owner)),
      data: { kind: 'stranded', owner: queue.owner, queue: queue.kind, url: queue.url, count: queue.count },
    })),
    ...cutRows(signals, now),
  ];
}

function withoutSink(destination: string, isDeployed: (sink: string) => boolean, type: Typed): readonly Row[] {
  const [sink = ''] = destination.split('/');
  if (isDeployed(sink)) return [];
  const text = `destination ${destination} has no sink: add ${sink} to sinks and deploy, or`;
  const command = type(`destinations rm ${destination}`);
  return [{ needsYou: true, text, command, data: { kind: 'noSink', destination } }];
}

/** A destination that asks for labels of clusters whose relay does not look them up. What its filter asks for never holds there. */
function withoutLabels(destination: string, text: string, { heartbeats }: Signals, type: Typed): readonly Row[] {
  const filter = filterOf(text);
  const clusters = [...new Set(heartbeats.map(({ cluster }) => cluster))].toSorted();
  return clusters.flatMap((cluster): readonly Row[] => {
    if (ofCluster(heartbeats, cluster)[0]?.enrich === 'labels') return [];
    const needed = lookedUpIn(text, filter, cluster);
    if (needed.length === 0) return [];
    const fields = needed.map(({ field }) => field);
    const labels = `the relay of ${cluster} does not look up what ${fields.join(', ')} needs`;
    return [
      {
        needsYou: needed.some(({ isFilter }) => isFilter),
        text: `destination ${destination}: ${labels}`,
        command: type(`relay manifest --cluster ${cluster} --enrich labels`),
        data: { kind: 'noLabels', destination, cluster, fields },
      },
    ];
  });
}

/** A log that is too large is read in part, which must not look like an absence. */
function cutRows({ since }: Signals, now: number): readonly Row[] {
  if (since <= now - FAILING_MS) return [];
  const text = `the log is large: only its last ${durationText((now - since) / 1000)} were read`;
  return [{ needsYou: false, text, data: { kind: 'logCut', since: new Date(since).toISOString() } }];
}
