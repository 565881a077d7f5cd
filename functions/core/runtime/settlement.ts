import type { Retry } from '../contract/outcome.ts';
import { attemptsOf, carriedOn, isLastAttempt, retryDelaySeconds } from './attempts.ts';
import type { End } from './admission.ts';
import { createLetter } from './letter.ts';
import type { Log, LogFields } from './log.ts';
import type { Metrics } from './metrics.ts';
import { sentAnew } from './past.ts';
import type { Delay, Outgoing, Queues } from './queue.ts';
import type { Item } from './record.ts';

export interface SettlementOptions {
  readonly type: string;
  /** The function's own queue: what is to be retried goes there anew. */
  readonly queueUrl: string;
  readonly letterQueueUrl: string;
  readonly maxReceives: number;
  readonly baseSeconds: number;
  readonly queues: Queues;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
  readonly random: () => number;
}

/** A record and how its event ended; `early` if its time has not come. */
export interface Ended {
  readonly item: Item;
  readonly end: End | Early;
}

/** It was not tried, because it came before its time. */
export interface Early {
  readonly status: 'early';
}

/** An event that ends as a letter: it was rejected, or its last permitted attempt has failed. */
interface Dead {
  readonly item: Item;
  readonly code: string;
  readonly detail: string;
  readonly isGivenUp: boolean;
}

/** An event that is to be tried again. */
interface Again {
  readonly item: Item;
  readonly delaySeconds: number;
  readonly message: Outgoing;
}

/** From this attempt on a failure is more than the passing trouble of a service. */
const WARN_FROM_ATTEMPT = 3;

/**
 * Settles events that had their attempt: counts and logs them, writes letters, and sends those to be tried again anew, with
 * their attempts so far. What could not be written keeps its record, which comes again after the delay.
 *
 * Resolves to the message ids of the records that come again; the others are done.
 */
export function createSettlement(
  options: SettlementOptions,
): (ends: readonly Ended[], signal: AbortSignal) => Promise<readonly string[]> {
  return async function settle(ends, signal) {
    countEnds(ends, options);
    warnOfDelivered(ends, options.log);
    const { dead, again } = sort(ends, options);
    const [unwritten, unsent] = await Promise.all([
      writeLetters(dead, options, signal),
      sendAnew(again, options, signal),
    ]);
    const delays = [...unwritten, ...unsent];
    await options.queues.delay(options.queueUrl, delays, signal);
    return delays.map(({ messageId }) => messageId);
  };
}

function sort(
  ends: readonly Ended[],
  options: SettlementOptions,
): { readonly dead: readonly Dead[]; readonly again: readonly Again[] } {
  const dead: Dead[] = [];
  const again: Again[] = [];
  for (const { item, end } of ends) {
    if (end.status === 'rejected') dead.push({ item, code: end.code, detail: end.detail, isGivenUp: false });
    if (end.status === 'early') again.push(postponed(item, options));
    if (end.status !== 'retry') continue;
    if (isLastAttempt(item.past, options.maxReceives))
      dead.push({ item, code: end.code, detail: end.detail, isGivenUp: true });
    else again.push(retried(item, end, options));
  }
  return { dead, again };
}

function retried(item: Item, { afterMs }: Retry, options: SettlementOptions): Again {
  const { past } = item;
  const now = options.now();
  const attempts = attemptsOf(past);
  const delaySeconds = retryDelaySeconds({ attempts, afterMs, baseSeconds: options.baseSeconds }, options.random);
  const retryingSince = past.retryingSince ?? now.toISOString();
  return again(item, { carried: carriedOn(past), retryingSince, delaySeconds }, now);
}

/** It was not tried, so it carries what it carried. */
function postponed(item: Item, options: SettlementOptions): Again {
  const now = options.now();
  const { carried, notBefore, retryingSince = now.toISOString() } = item.past;
  const delaySeconds = Math.max(0, Math.ceil((notBefore - now.getTime()) / 1000));
  return again(item, { carried, retryingSince, delaySeconds }, now);
}

function again(item: Item, how: Parameters<typeof sentAnew>[1], now: Date): Again {
  const { record, destination, past } = item;
  const message = sentAnew({ body: record.body, groupId: destination, replays: past.replays }, how, now);
  return { item, delaySeconds: how.delaySeconds, message };
}

function countEnds(ends: readonly Ended[], options: SettlementOptions): void {
  const { type, metrics, maxReceives, now } = options;
  for (const { item, end } of ends) {
    const place = dimensions(type, item);
    if (end.status === 'filtered') metrics.add('Filtered', 1, place, { cause: end.cause });
    if (end.status === 'retry' && !isLastAttempt(item.past, maxReceives)) countRetry(item, end, options);
    if (end.status !== 'delivered') continue;
    metrics.add('Delivered', 1, place);
    if (item.content instanceof Error) continue;
    metrics.add('DeliveryLatency', Math.max(0, now().getTime() - Date.parse(item.content.lastSeen)), place);
  }
}

function countRetry(
  item: Item,
  reason: Pick<Retry, 'code' | 'detail'>,
  { type, metrics, log, now }: SettlementOptions,
): void {
  const place = dimensions(type, item);
  metrics.add('Retried', 1, place);
  const { retryingSince } = item.past;
  if (retryingSince !== undefined)
    metrics.add('RetryAge', Math.max(0, (now().getTime() - Date.parse(retryingSince)) / 1000), place);
  const level = attemptsOf(item.past) >= WARN_FROM_ATTEMPT ? 'warn' : 'info';
  log[level]('an event is to be retried', logFields(item, reason));
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

/** A record that comes again, and when. */
interface Returning extends Delay {
  readonly messageId: string;
}

/** Those that could not be written, to return. */
async function writeLetters(
  dead: readonly Dead[],
  options: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Returning[]> {
  const { type, letterQueueUrl, baseSeconds, queues, metrics, log, now, random } = options;
  const accepted = await queues.send(
    letterQueueUrl,
    dead.map((each) => letter(each, now())),
    signal,
  );
  return dead.flatMap((each, index) => {
    const { item, isGivenUp } = each;
    if (!accepted[index]) {
      countRetry(item, each, options);
      return [returning(item, retryDelaySeconds({ attempts: attemptsOf(item.past), baseSeconds }, random))];
    }
    metrics.add('Rejected', 1, dimensions(type, item));
    log.warn(isGivenUp ? 'an event was given up' : 'an event was rejected', logFields(item, each));
    return [];
  });
}

function letter({ item, code, detail }: Dead, failedAt: Date): Outgoing {
  const { record, destination, past } = item;
  const reason = { code, detail, destination, attempts: attemptsOf(past) };
  return createLetter({ body: record.body, replays: past.replays }, reason, failedAt);
}

/** Those that could not be sent, to return. */
async function sendAnew(
  all: readonly Again[],
  { queueUrl, queues }: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Returning[]> {
  const accepted = await queues.send(
    queueUrl,
    all.map(({ message }) => message),
    signal,
  );
  return all.filter((_, index) => !accepted[index]).map(({ item, delaySeconds }) => returning(item, delaySeconds));
}

function returning({ record: { messageId, receiptHandle } }: Item, seconds: number): Returning {
  return { messageId, receiptHandle, seconds };
}

function logFields(item: Item, { code, detail }: Pick<Retry, 'code' | 'detail'>): LogFields {
  const event = item.content instanceof Error ? undefined : item.content.id;
  return { event, destination: item.destination, code, detail, attempts: attemptsOf(item.past) };
}

function dimensions(type: string, { destination }: Item): { Sink: string; Destination: string } {
  return { Sink: type, Destination: destination.slice(type.length + 1) || 'none' };
}
