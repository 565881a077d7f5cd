import { retryDelaySeconds } from './attempts.ts';
import { createLetter } from './letter.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { Queues } from './queue.ts';
import type { Item } from './record.ts';

/** How a record ends: at the service, or filtered here, which only an edit or a replay brings about this late. */
export type End = Outcome | { readonly status: 'filtered'; readonly cause: string };

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

/** What goes back to the queue. */
export interface Returned {
  /** Message ids, for `batchItemFailures`. */
  readonly failed: readonly string[];
  readonly delays: readonly { readonly receiptHandle: string; readonly seconds: number }[];
}

/**
 * Writes dead letters, counts and logs, and says which records return to the queue and when. An event that is to be
 * retried on its last permitted receive becomes a letter; one whose letter cannot be written returns.
 */
export function createSettlement(options: SettlementOptions): (ends: ReadonlyMap<Item, End>) => Promise<Returned> {
  const { type, letterQueueUrl, maxReceives, baseSeconds, queues, metrics, log, now, random } = options;

  return async function settle(ends) {
    const dead: { item: Item; code: string; detail: string }[] = [];
    const returning: { item: Item; afterMs?: number | undefined }[] = [];
    warn(ends);
    for (const [item, end] of ends) {
      count(item, end);
      if (end.status !== 'retry' && end.status !== 'rejected') continue;
      const { code, detail } = end;
      if (end.status === 'rejected' || item.receives >= maxReceives) dead.push({ item, code, detail });
      else returning.push({ item, afterMs: end.afterMs });
      const fields = { event: eventId(item), destination: item.destination, code, detail, attempts: item.receives };
      if (end.status === 'rejected') log.warn('an event was rejected', fields);
      else log.info('an event is to be retried', fields);
    }
    const accepted = await queues.send(letterQueueUrl, dead.map(letter));
    for (const [index, { item }] of dead.entries()) {
      if (accepted[index]) metrics.add('Rejected', 1, dimensions(item));
      else returning.push({ item });
    }
    for (const { item } of returning) metrics.add('Retried', 1, dimensions(item));
    return {
      failed: returning.map(({ item }) => item.record.messageId),
      delays: returning.map(({ item, afterMs }) => ({
        receiptHandle: item.record.receiptHandle,
        seconds: retryDelaySeconds({ receives: item.receives, afterMs, baseSeconds }, random),
      })),
    };
  };

  function letter({ item, code, detail }: { item: Item; code: string; detail: string }) {
    const { record, destination, receives } = item;
    const replays = record.messageAttributes['replays']?.stringValue;
    return createLetter({ body: record.body, replays }, { code, detail, destination, attempts: receives }, now());
  }

  /** Once for all events of a message: they share its warning. */
  function warn(ends: ReadonlyMap<Item, End>): void {
    const warnings = new Map<string, { destination: string; detail: string }>();
    for (const [{ destination }, end] of ends) {
      if (end.status !== 'delivered' || end.warning === undefined) continue;
      warnings.set(JSON.stringify([destination, end.warning]), { destination, detail: end.warning });
    }
    for (const fields of warnings.values()) log.warn('delivered, but not to everybody', fields);
  }

  function count(item: Item, end: End): void {
    const place = dimensions(item);
    if (end.status === 'filtered') metrics.add('Filtered', 1, place, { cause: end.cause });
    else if (end.status === 'delivered') {
      metrics.add('Delivered', 1, place);
      if (!(item.content instanceof Error)) {
        const latency = now().getTime() - Date.parse(item.content.lastSeen);
        metrics.add('DeliveryLatency', Math.max(0, latency), place);
      }
    }
  }

  function dimensions(item: Item): { Sink: string; Destination: string } {
    return { Sink: type, Destination: item.destination.slice(type.length + 1) || 'none' };
  }
}

function eventId({ content }: Item): string | undefined {
  return content instanceof Error ? undefined : content.id;
}
