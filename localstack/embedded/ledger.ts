import type { Message } from '@aws-sdk/client-sqs';
import { isSentAnew } from '../../functions/core/runtime/past.ts';
import type { EmbeddedQueues, QueuePair } from './embedded-queues.ts';
import { eventCountIn, sum } from './event-count.ts';
import type { MetricTotals } from './metric-totals.ts';

/** The unit is one event at one destination; an event that no destination wants counts once, as filtered. */
export interface Summary {
  /** Events that reached the router. */
  readonly events: number;
  /** What there is to account for: equals the sum of the next four. */
  readonly seen: number;
  readonly delivered: number;
  readonly filtered: number;
  /** In a dead-letter queue now: a letter that was replayed is counted where it went. */
  readonly deadLettered: number;
  /** Still on a queue. */
  readonly waiting: number;
  /** Attempts that are to be repeated. */
  readonly retried: number;
  readonly replayed: number;
}

/** The account of a stack. */
export interface Ledger {
  /** Takes what a function has received. */
  received(owner: string, messages: readonly Message[]): void;
  /** Takes how many letters of an owner were sent back. */
  replayed(owner: string, letters: number): void;
  /** What is in hand may be counted in two places at once: where it was, and where it goes. */
  summary(): Summary;
}

/** @param sinks by type */
export function createLedger(
  queues: Pick<EmbeddedQueues, 'counts'>,
  { ingest, sinks }: { readonly ingest: QueuePair; readonly sinks: ReadonlyMap<string, QueuePair> },
  metrics: Pick<MetricTotals, 'sum'>,
): Ledger {
  const firstReceives = { router: 0, sinks: 0 };
  const replays = { router: 0, sinks: 0 };
  return {
    received(owner, messages) {
      firstReceives[sideOf(owner)] += sum(messages.filter(isFirst).map(({ Body = '' }) => eventCountIn(Body)));
    },
    replayed(owner, letters) {
      replays[sideOf(owner)] += letters;
    },
    summary() {
      const pairs = [ingest, ...sinks.values()];
      const counts = [...sinks.values()].map(({ url }) => queues.counts(url));
      const sinksWaiting = sum(counts.map(({ events }) => events));
      const untouched = sum(counts.map((each) => each.untouched));
      const ingestCounts = queues.counts(ingest.url);
      const routerLetters = queues.counts(ingest.deadLetterUrl).events;
      const unmatched = metrics.sum('Filtered', 'router');
      const copies = firstReceives.sinks + untouched - replays.sinks;
      const arrived = firstReceives.router + ingestCounts.untouched - replays.router;
      return {
        events: arrived - metrics.sum('Heartbeats') - metrics.sum('Gaps'),
        seen: copies + unmatched + routerLetters + ingestCounts.events,
        delivered: metrics.sum('Delivered'),
        filtered: metrics.sum('Filtered'),
        deadLettered: sum(pairs.map(({ deadLetterUrl }) => queues.counts(deadLetterUrl).events)),
        waiting: sinksWaiting + ingestCounts.events,
        retried: metrics.sum('Retried'),
        replayed: replays.router + replays.sinks,
      };
    },
  };
}

function sideOf(owner: string): 'router' | 'sinks' {
  return owner === 'router' ? 'router' : 'sinks';
}

/** Whether a message, and the events in it, are received for the first time. */
export function isFirst({ Attributes, MessageAttributes = {} }: Message): boolean {
  return Attributes?.ApproximateReceiveCount === '1' && !isSentAnew(MessageAttributes);
}
