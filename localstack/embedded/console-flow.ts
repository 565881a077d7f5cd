import type { Flow, Ledger, Stage } from '../../infra/console/contract.ts';
import { sum } from './event-count.ts';
import type { ConsoleTap } from './console-tap.ts';
import type { Consumer, EmbeddedStack } from './embedded.ts';
import type { Summary } from './ledger.ts';

/** How the stack is at this moment. @param deployed the types that have a destination: their stages are shown in any case */
export function embeddedFlow(
  stack: EmbeddedStack,
  tap: ConsoleTap,
  deployed: ReadonlySet<string>,
  now: Date = new Date(),
): Flow {
  const stages = stack.consumers.map((consumer) => stageOf(consumer, stack, tap, now));
  return {
    at: now.toISOString(),
    clusters: tap.clusters(),
    eventsPerSecond: tap.eventsPerSecond(),
    stages: stages.filter((stage) => stage.owner === 'router' || deployed.has(stage.owner) || hasWork(stage)),
    ledger: balanced(stack.summary(), inHand(stack)),
  };
}

function stageOf({ owner, pair }: Consumer, stack: EmbeddedStack, tap: ConsoleTap, now: Date): Stage {
  const { queues } = stack;
  const { events, inFlight, oldestMs } = queues.counts(pair.url);
  const isRouter = owner === 'router';
  return {
    owner,
    unit: 'events',
    waiting: events - inFlight,
    inFlight,
    ...(oldestMs !== undefined && { oldestSeconds: Math.max(0, Math.round((now.getTime() - oldestMs) / 1000)) }),
    letters: queues.counts(pair.deadLetterUrl).events,
    ...(!isRouter && { delivered: stack.counted('Delivered', owner), retried: stack.counted('Retried', owner) }),
    filtered: stack.counted('Filtered', owner),
    perSecond: isRouter ? tap.eventsPerSecond() : tap.donePerSecond(owner),
    isPaused: false,
    problems: isRouter ? [] : tap.failing(owner),
  };
}

function hasWork({ waiting, inFlight, letters, delivered = 0, filtered = 0, retried = 0 }: Stage): boolean {
  return waiting + inFlight + letters + delivered + filtered + retried > 0;
}

/** Events that somebody has received, on whatever queue. */
function inHand({ queues, consumers }: EmbeddedStack): number {
  const urls = consumers.flatMap(({ pair }) => [pair.url, pair.deadLetterUrl]);
  return sum(urls.map((url) => queues.counts(url).inFlight));
}

/**
 * The account of one moment, in which each event counts once: one in hand is still where it was while it is already where it
 * goes, so that what is counted twice is no more than what is in hand.
 */
export function balanced(summary: Summary, held: number): Ledger {
  const { events, seen, delivered, filtered, deadLettered, retried, replayed } = summary;
  const accounted = delivered + filtered + deadLettered + summary.waiting;
  const twice = Math.min(Math.max(0, accounted - seen), held, summary.waiting);
  const waiting = summary.waiting - twice;
  const missing = seen - (accounted - twice);
  return { events, seen, delivered, filtered, letters: deadLettered, waiting, missing, retried, replayed };
}
