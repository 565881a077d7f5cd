import { consumersOf } from '../../stack/parse-outputs.ts';
import { opsCommand } from '../../stack/ops-command.ts';
import { createCloudWatch, createLambda, createLogs, createSqs } from '../../ops/aws/clients.ts';
import { recentCounts, WINDOW_MS, type Counted } from '../../ops/aws/metrics.ts';
import type { Deployed } from '../../ops/aws/stack.ts';
import { durationText } from '../../ops/duration.ts';
import { oneLine } from '../../ops/one-line.ts';
import { clusterStates } from '../../ops/status/clusters.ts';
import { countsText } from '../../ops/status/failing.ts';
import { isRunning, queueProblems, readQueues, type QueueReport } from '../../ops/status/queues.ts';
import { readSignals, type Failing, type Signals } from '../../ops/status/signals.ts';
import type { ClusterFlow, Flow, Stage } from '../contract.ts';

/** Reads the pipeline of a deployed stack: what `ops status` says, as data. */
export async function readFlow(deployed: Deployed, now: number): Promise<Flow> {
  const consumers = consumersOf(deployed);
  const [queues, counts, signals] = await Promise.all([
    readQueues(consumers, createSqs(), createLambda()),
    recentCounts(
      createCloudWatch(),
      consumers.map(({ owner }) => owner),
    ),
    readSignals(createLogs(), deployed, now),
  ]);
  return {
    at: new Date(now).toISOString(),
    clusters: clusterFlows(deployed, signals, now),
    stages: queues.map((queue, index) => stageOf(queue, counts[index], signals, deployed)),
  };
}

function clusterFlows({ relays }: Deployed, { heartbeats, gaps }: Signals, now: number): readonly ClusterFlow[] {
  return clusterStates(relays, heartbeats).map(({ cluster, last, versions, problems }) => ({
    cluster,
    ...(last && { lastHeartbeat: new Date(last.at).toISOString() }),
    ...(versions.length > 0 && { relayVersion: versions.join(', ') }),
    problems: [
      ...problems,
      ...gaps
        .filter((gap) => gap.cluster === cluster)
        .map(({ cause, at }) => `gap: events may be missing (${cause}), ${durationText((now - at) / 1000)} ago`),
    ],
  }));
}

function stageOf(queue: QueueReport, counted: Counted | undefined, signals: Signals, deployed: Deployed): Stage {
  const { owner, waiting, inFlight, oldestSeconds, letters, state } = queue;
  const { delivered, filtered, retried } = counted ?? {};
  const type = (words: string): string => opsCommand({ stackName: deployed.stack }, words);
  return {
    owner,
    unit: 'messages',
    waiting,
    inFlight,
    ...(oldestSeconds !== undefined && { oldestSeconds }),
    letters,
    ...(delivered !== undefined && { delivered, perSecond: delivered / (WINDOW_MS / 1000) }),
    ...(filtered !== undefined && { filtered }),
    ...(retried !== undefined && { retried }),
    isPaused: !isRunning(state),
    problems: [
      ...queueProblems(queue).map((problem) => (isRunning(state) ? problem : `${problem}: ${type(`resume ${owner}`)}`)),
      ...signals.failing.filter(({ destination }) => destination.split('/')[0] === owner).map(failingText),
      ...signals.configErrors
        .filter((destination) => destination.split('/')[0] === owner)
        .map((destination) => `${destination} needs repair: ${type('destinations validate')}`),
    ],
  };
}

function failingText(failing: Failing): string {
  const { destination, code, detail } = failing;
  return oneLine(`${destination}: ${countsText(failing)}, ${code}${detail === '' ? '' : ` (${detail})`}`);
}
