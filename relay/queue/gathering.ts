import type { SendBudget } from '../config.ts';
import type { Entry } from './backlog.ts';
import { createTokens, type Tokens } from './budget.ts';
import { MAX_EVENTS } from '../../functions/core/contract/envelope.ts';
import { envelopesOf } from './envelope.ts';
import type { Lane } from './message.ts';

/**
 * Events that wait until they may be sent, in a lane for Warnings and one for others. Warnings have a budget of their own, so that
 * no flow of other events holds them up. What is sent takes along what waits in the other lane: that costs nothing more.
 */
export interface Gathering {
  /** Adds an event. Gives all that waits if it fills an envelope by that, whatever the budget says. */
  add(lane: Lane, entry: Entry): readonly Entry[];
  /** What the budget allows to be sent now. */
  allowed(): readonly Entry[];
  /** How long until the budget allows something, in milliseconds; undefined while nothing waits. */
  waitMs(): number | undefined;
  /** All that waits, whatever the budget says. */
  flush(): readonly Entry[];
  /** How many events wait. */
  readonly size: number;
}

/** What waits is sent when it takes so much, uncompressed: it would be held in memory otherwise. */
const MAX_OPEN_BYTES = 256 * 1024;

interface Waiting {
  readonly tokens: Tokens;
  entries: Entry[];
}

/** @param now a clock that only goes forward, in milliseconds */
export function createGathering(cluster: string, budget: SendBudget, now?: () => number): Gathering {
  const open = (): Waiting => ({ tokens: createTokens(budget, now), entries: [] });
  const lanes: Readonly<Record<Lane, Waiting>> = { warning: open(), normal: open() };
  let events = 0;
  let bytes = 0;
  const waiting = (): readonly Waiting[] => Object.values(lanes).filter(({ entries }) => entries.length > 0);

  function flush(): readonly Entry[] {
    const all = waiting();
    const entries = all.flatMap((lane) => lane.entries);
    for (const lane of all) {
      lane.tokens.spend();
      lane.entries = [];
    }
    events = 0;
    bytes = 0;
    return envelopesOf(cluster, entries);
  }

  return {
    add(lane, entry) {
      lanes[lane].entries.push(entry);
      events += 1;
      bytes += entry.bytes;
      return events >= MAX_EVENTS || bytes >= MAX_OPEN_BYTES ? flush() : [];
    },
    allowed: () => (waiting().some(({ tokens }) => tokens.waitMs() === 0) ? flush() : []),
    waitMs() {
      const waits = waiting().map(({ tokens }) => tokens.waitMs());
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
    flush,
    get size() {
      return events;
    },
  };
}
