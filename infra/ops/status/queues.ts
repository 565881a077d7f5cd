import { GetEventSourceMappingCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ConsumerOutput } from '../../stack/parse-outputs.ts';
import { createCloudWatch } from '../aws/clients.ts';
import { oldestAges, recentInvocations, type Invocations } from '../aws/metrics.ts';
import { countText } from '../count.ts';
import { queueState } from '../dlq/scan.ts';
import { durationText } from '../duration.ts';
import type { Row, Typed } from './row.ts';

/** Numbers are of messages, as SQS counts them: each may hold several events. */
export interface QueueReport extends Invocations {
  readonly owner: string;
  readonly state: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly oldestSeconds: number | undefined;
  readonly letters: number;
  readonly oldestLetterSeconds: number | undefined;
}

export async function readQueues(
  consumers: readonly ConsumerOutput[],
  sqs: SQSClient,
  lambda: LambdaClient,
): Promise<readonly QueueReport[]> {
  const urls = consumers.flatMap(({ queueUrl, deadLetterQueueUrl }) => [queueUrl, deadLetterQueueUrl]);
  const cloudWatch = createCloudWatch();
  const [ages, invocations] = await Promise.all([
    oldestAges(cloudWatch, urls),
    recentInvocations(
      cloudWatch,
      consumers.map(({ functionName }) => functionName),
    ),
  ]);
  return Promise.all(
    consumers.map(async ({ owner, queueUrl, deadLetterQueueUrl, eventSource }, index) => {
      const [queue, letters, mapping] = await Promise.all([
        queueState(sqs, queueUrl),
        queueState(sqs, deadLetterQueueUrl),
        lambda.send(new GetEventSourceMappingCommand({ UUID: eventSource })),
      ]);
      return {
        owner,
        state: mapping.State ?? 'unknown',
        waiting: queue.waiting,
        inFlight: queue.hidden,
        oldestSeconds: ages.get(queueUrl),
        letters: letters.waiting + letters.hidden,
        oldestLetterSeconds: ages.get(deadLetterQueueUrl),
        failed: invocations[index]?.failed ?? 0,
        refused: invocations[index]?.refused ?? 0,
      };
    }),
  );
}

/** What of a queue needs somebody, besides its letters. */
export function queueProblems({ state, failed, refused }: QueueReport): readonly string[] {
  return [
    ...(failed > 0 ? [`its function failed ${countText(failed, 'time')} in 15 minutes`] : []),
    ...(refused > 0
      ? [`Lambda refused ${countText(refused, 'invocation')}: the account's concurrency is used up`]
      : []),
    ...(isRunning(state) ? [] : [`paused (${state})`]),
  ];
}

/** Whether a function takes from its queue, by its event source mapping's state. */
export function isRunning(state: string): boolean {
  return ['Enabled', 'Enabling', 'Updating', 'Creating'].includes(state);
}

export function queueRow(report: QueueReport, type: Typed): Row {
  const { owner, state, waiting, inFlight, oldestSeconds, letters, oldestLetterSeconds } = report;
  const age = (seconds: number | undefined): string => (seconds === undefined ? '' : durationText(seconds));
  const old = (seconds: number | undefined): string => (seconds === undefined ? '' : `, oldest ${age(seconds)}`);
  const problems = queueProblems(report);
  const parts = [
    `${countText(waiting, 'message')} waiting, ${inFlight} in flight${old(oldestSeconds)}`,
    letters === 0 ? 'no dead letters' : `dead letters in ${countText(letters, 'message')}${old(oldestLetterSeconds)}`,
    ...problems,
  ];
  const command = isRunning(state) ? {} : { command: type(`resume ${owner}`) };
  const waits = waiting > 0 ? 'wait' : undefined;
  const isDead = letters > 0 ? 'act' : undefined;
  return {
    needsYou: letters > 0 || problems.length > 0,
    text: `${owner}: ${parts.join('; ')}`,
    ...command,
    data: { kind: 'queue', ...report },
    shown: {
      table: 'queues',
      cells: [
        owner,
        { text: String(waiting), tone: waits },
        String(inFlight),
        { text: age(oldestSeconds), tone: waits },
        { text: String(letters), tone: isDead },
        { text: age(oldestLetterSeconds), tone: isDead },
      ],
      notes: problems.map((text) => ({ text, tone: 'act' })),
    },
  };
}
