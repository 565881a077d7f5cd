import type { Retry } from '../contract/outcome.ts';
import type { End } from './admission.ts';
import { retryDelaySeconds } from './attempts.ts';
import { createLetter } from './letter.ts';
import type { Log, LogFields } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Outgoing, Queues } from './queue.ts';
import { replaysOf, type Item } from './record.ts';

export interface SettlementOptions {
  readonly type: string;
  readonly letterQueueUrl: string;
  readonly maxReceives: number;
  readonly baseSeconds: number;
  readonly queues: Queues;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
  readonly random: () => number;
}

/** A record and how its event ended. */
export interface Ended {
  readonly item: Item;
  readonly end: End;
}

/** What goes back to the queue. */
export interface Returned {
  /** Message ids, for `batchItemFailures`. */
  readonly failed: readonly string[];
  readonly delays: readonly { readonly receiptHandle: string; readonly seconds: number }[];
}

/** An event that ends as a letter: it was rejected, or its last permitted attempt has failed. */
interface Dead {
  readonly item: Item;
  readonly code: string;
  readonly detail: string;
  readonly isGivenUp: boolean;
}

/** An event that returns to the queue. */
interface Returning {
  readonly item: Item;
  readonly reason: Pick<Retry, 'code' | 'detail' | 'afterMs'>;
}

/** From this attempt on a failure is more than the passing trouble of a service. */
const WARN_FROM_ATTEMPT = 3;

/**
 * Writes dead letters, counts and logs, and says which records return to the queue and when. An event that is to be
 * retried on its last permitted receive becomes a letter; one whose letter cannot be written returns.
 */
export function createSettlement(
  options: SettlementOptions,
): (ends: readonly Ended[], signal: AbortSignal) => Promise<Returned> {
  return async function settle(ends, signal) {
    const { dead, returning } = sort(ends, options.maxReceives);
    countEnds(ends, options);
    warnOfDelivered(ends, options.log);
    const unwritten = await writeLetters(dead, options, signal);
    return returned([...returning, ...unwritten], options);
  };
}

function sort(
  ends: readonly Ended[],
  maxReceives: number,
): { readonly dead: readonly Dead[]; readonly returning: readonly Returning[] } {
  const dead: Dead[] = [];
  const returning: Returning[] = [];
  for (const { item, end } of ends) {
    if (end.status === 'rejected') dead.push({ item, code: end.code, detail: end.detail, isGivenUp: false });
    else if (end.status === 'retry' && item.receives >= maxReceives) {
      dead.push({ item, code: end.code, detail: end.detail, isGivenUp: true });
    } else if (end.status === 'retry') returning.push({ item, reason: end });
  }
  return { dead, returning };
}

function countEnds(ends: readonly Ended[], { type, metrics, now }: SettlementOptions): void {
  for (const { item, end } of ends) {
    const place = dimensions(type, item);
    if (end.status === 'filtered') metrics.add('Filtered', 1, place, { cause: end.cause });
    if (end.status !== 'delivered') continue;
    metrics.add('Delivered', 1, place);
    if (item.content instanceof Error) continue;
    metrics.add('DeliveryLatency', Math.max(0, now().getTime() - Date.parse(item.content.lastSeen)), place);
  }
}

/** Once for all events of a message: they share its warning. */
function warnOfDelivered(ends: readonly Ended[], log: Log): void {
  const warnings = new Map<string, LogFields>();
  for (const { item, end } of ends) {
    if (end.status !== 'delivered' || end.warning === undefined) continue;
    const { destination } = item;
    warnings.set(JSON.stringify([destination, end.warning]), { destination, detail: end.warning });
  }
  for (const fields of warnings.values()) log.warn('delivered, but not to everybody', fields);
}

/** Those that could not be written, to return. */
async function writeLetters(
  dead: readonly Dead[],
  options: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Returning[]> {
  const { type, letterQueueUrl, queues, metrics, log, now } = options;
  const accepted = await queues.send(
    letterQueueUrl,
    dead.map((each) => letter(each, now())),
    signal,
  );
  return dead.flatMap((each, index) => {
    const { item, code, detail, isGivenUp } = each;
    if (!accepted[index]) return [{ item, reason: { code, detail } }];
    metrics.add('Rejected', 1, dimensions(type, item));
    log.warn(isGivenUp ? 'an event was given up' : 'an event was rejected', logFields(item, each));
    return [];
  });
}

function letter({ item, code, detail }: Dead, failedAt: Date): Outgoing {
  const { record, destination, receives } = item;
  const reason = { code, detail, destination, attempts: receives };
  return createLetter({ body: record.body, replays: replaysOf(record) }, reason, failedAt);
}

function returned(
  returning: readonly Returning[],
  { type, baseSeconds, metrics, log, random }: SettlementOptions,
): Returned {
  for (const { item, reason } of returning) {
    metrics.add('Retried', 1, dimensions(type, item));
    const level = item.receives >= WARN_FROM_ATTEMPT ? 'warn' : 'info';
    log[level]('an event is to be retried', logFields(item, reason));
  }
  return {
    failed: returning.map(({ item }) => item.record.messageId),
    delays: returning.map(({ item, reason: { afterMs } }) => ({
      receiptHandle: item.record.receiptHandle,
      seconds: retryDelaySeconds({ receives: item.receives, afterMs, baseSeconds }, random),
    })),
  };
}

function logFields(item: Item, { code, detail }: Pick<Retry, 'code' | 'detail'>): LogFields {
  const event = item.content instanceof Error ? undefined : item.content.id;
  return { event, destination: item.destination, code, detail, attempts: item.receives };
}

function dimensions(type: string, { destination }: Item): { Sink: string; Destination: string } {
  return { Sink: type, Destination: destination.slice(type.length + 1) || 'none' };
}
