import type { SQSClient } from '@aws-sdk/client-sqs';
import { itemOf, MAX_EVENTS, pack } from '../../../functions/core/contract/envelope.ts';
import { createQueues } from '../../../functions/core/runtime/queue.ts';
import { sdkQueueCalls } from '../aws/sdk-calls.ts';
import type { Clock } from '../clock.ts';
import { createPace } from '../pace.ts';
import type { Archived } from './read.ts';

export interface SendOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** `<type>/<name>` */
  readonly destination: string;
  /** Events a second. */
  readonly perSecond: number;
  /** The most events of a message that the sink takes. @default 200 */
  readonly envelopeEvents?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Sender {
  /**
   * Sends the events of one cluster, at the rate. Resolves to whether more may follow: not once the signal has aborted, or SQS has
   * refused too many.
   * @param onSent told of each run of events that SQS has accepted, before the next one is sent
   */
  send(events: readonly Archived[], onSent: (events: readonly Archived[]) => Promise<void>): Promise<boolean>;
  readonly sent: number;
  readonly refused: number;
  readonly refusals: readonly string[];
}

/** When SQS refuses so many events, something is wrong that the next ones will meet too. */
const MAX_REFUSED = 1000;

/**
 * Sends events to the queue of one destination's sink, several in a message. They have a group of their own: SQS then gives live
 * events of the destination their turn (fair queues), however many of these wait.
 */
export function createSender({
  sqs,
  queueUrl,
  destination,
  perSecond,
  envelopeEvents = MAX_EVENTS,
  clock,
  signal,
}: SendOptions): Sender {
  const refusals: string[] = [];
  const queues = createQueues(sdkQueueCalls(sqs), (detail) => refusals.push(detail));
  const pace = createPace(perSecond, clock, signal);
  let sent = 0;
  let refused = 0;
  return {
    async send(events, onSent) {
      for (const run of pace.parts(events)) {
        const [first] = run;
        if (!first || !(await pace.turn(run.length))) return false;
        const packables = run.map((archived) => ({ archived, item: itemOf(archived.message) }));
        const packed = pack({ cluster: first.message.cluster, destination }, packables, envelopeEvents);
        const accepted = await queues.send(
          queueUrl,
          packed.map(({ body }) => ({ body, groupId: `archive:${destination}` })),
        );
        const done = packed.filter((_, index) => accepted[index]).flatMap((message) => message.events);
        sent += done.length;
        refused += run.length - done.length;
        if (done.length > 0) await onSent(done.map(({ archived }) => archived));
        if (refused >= MAX_REFUSED) return false;
      }
      return true;
    },
    get sent() {
      return sent;
    },
    get refused() {
      return refused;
    },
    refusals,
  };
}
