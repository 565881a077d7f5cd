import type { Retry } from '../contract/outcome.ts';
import type { End } from './admission.ts';
import { attemptsOf } from './attempts.ts';
import type { Log, LogFields } from './log.ts';
import type { Metrics, Place } from './metrics.ts';
import { observedOf, type Observe } from './observe.ts';
import { isRead, type Item } from './record.ts';

/** What counting and logging take. */
export interface Account {
  /** The sink's type. */
  readonly type: string;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
  /** Is told of each event as it is counted. */
  readonly observe?: Observe | undefined;
}

/** Why an event did not get through. */
export type Reason = Pick<Retry, 'code' | 'detail'>;

/** There was no attempt: the event came before its time, or its like was sent a moment ago. */
export interface Postponed {
  readonly status: 'postponed';
  /** When it may be sent, in milliseconds since the epoch. */
  readonly until: number;
  /** Because of its like, which may be said of an event once. */
  readonly isHeld: boolean;
}

/** An event, or what could not be read, and how it ended here. */
export interface Ended {
  readonly item: Item;
  readonly end: End | Postponed;
}

/** From this attempt on a failure is more than the passing trouble of a service. */
const WARN_FROM_ATTEMPT = 3;

/** Counts the events that are done. */
export function countDone(ends: readonly Ended[], { type, metrics, now, observe }: Account): void {
  for (const { item, end } of ends) {
    const place = placeOf(type, item);
    if (end.status === 'filtered') {
      const { cause, silence } = end;
      metrics.add('Filtered', 1, place, { cause, ...(silence !== undefined && { silence }) });
      observe?.(observedOf(item, 'filtered', { code: cause, detail: silence }));
    }
    if (end.status !== 'delivered') continue;
    metrics.add('Delivered', 1, place);
    observe?.(observedOf(item, 'delivered', { detail: end.warning }));
    if (isRead(item))
      metrics.add('DeliveryLatency', Math.max(0, now().getTime() - Date.parse(item.content.lastSeen)), place);
  }
}

/** Tells of the events that wait: there was no attempt to count. */
export function tellPostponed(ends: readonly Ended[], { observe }: Account): void {
  if (!observe) return;
  for (const { item, end } of ends) if (end.status === 'postponed') observe(observedOf(item, 'held'));
}

/** Once for all events that one request has delivered: they share its warning. */
export function warnOfDelivered(ends: readonly Ended[], log: Log): void {
  const warnings = new Map<string, LogFields>();
  for (const { item, end } of ends) {
    if (end.status !== 'delivered' || end.warning === undefined) continue;
    const { destination } = item;
    warnings.set(JSON.stringify([destination, end.warning]), { destination, detail: end.warning });
  }
  for (const fields of warnings.values()) log.warn('delivered, with a warning', fields);
}

/** Counts an event that is to be tried again, and tells how long it has been failing. */
export function countRetry(item: Item, reason: Reason, { type, metrics, log, now, observe }: Account): void {
  const place = placeOf(type, item);
  metrics.add('Retried', 1, place);
  observe?.(observedOf(item, 'retrying', reason));
  const { retryingSince } = item.past;
  if (retryingSince !== undefined)
    metrics.add('RetryAge', Math.max(0, (now().getTime() - Date.parse(retryingSince)) / 1000), place);
  const level = attemptsOf(item.past) >= WARN_FROM_ATTEMPT ? 'warn' : 'info';
  log[level]('an event is to be retried', fieldsOf(item, reason));
}

/** Counts an event that is a letter now. */
export function countDead(item: Item, reason: Reason, isGivenUp: boolean, account: Account): void {
  const { type, metrics, log, observe } = account;
  metrics.add('Rejected', 1, placeOf(type, item));
  observe?.(observedOf(item, 'letter', reason));
  log.warn(isGivenUp ? 'an event was given up' : 'an event was rejected', fieldsOf(item, reason));
}

function fieldsOf(item: Item, { code, detail }: Reason): LogFields {
  const event = isRead(item) ? item.content.id : undefined;
  return { event, destination: item.destination, code, detail, attempts: attemptsOf(item.past) };
}

function placeOf(type: string, { destination }: Item): Place {
  const name = destination.slice(type.length + 1);
  return { Sink: type, ...(name !== '' && { Destination: name }) };
}
