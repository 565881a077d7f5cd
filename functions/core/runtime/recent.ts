import { createHash } from 'node:crypto';
import type { Alike } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { SEVERITIES } from '../contract/severity.ts';
import type { Destination } from '../destinations/destination.ts';

type Place = Pick<Destination<unknown, unknown>, 'id' | 'version'>;

/** What destinations were sent a moment ago, so that what is alike waits and comes together. */
export interface Recent {
  /** Until when an event waits, in milliseconds since the epoch; undefined if it may be sent now. */
  heldUntil(destination: Place, event: ClusterEvent): number | undefined;
  /** Remembers that events have reached a destination. */
  sent(destination: Place, events: readonly ClusterEvent[]): void;
}

/** Of more groups at a time the oldest are forgotten, and may have a message more. */
const MOST_GROUPS = 10_000;

/** The memory of one environment; another has its own. Without a word on what is alike, nothing waits. */
export function createRecent(alike: Alike | undefined, now: () => Date): Recent {
  if (!alike) return { heldUntil: () => undefined, sent() {} };
  // In the order of their time, because each lasts as long.
  const groups = new Map<string, { readonly until: number; rank: number }>();
  const keyFor = ({ id, version }: Place, event: ClusterEvent): string =>
    createHash('sha256')
      .update(JSON.stringify([id, version, alike.keyOf(event)]))
      .digest('base64');
  return {
    heldUntil(destination, event) {
      const last = groups.get(keyFor(destination, event));
      if (!last || last.until <= now().getTime() || rankOf(event) < last.rank) return undefined;
      return last.until;
    },
    sent(destination, events) {
      const at = now().getTime();
      for (const event of events) {
        const key = keyFor(destination, event);
        const last = groups.get(key);
        // What was more serious than the others went ahead of them, and does not make them wait for longer.
        if (last && last.until > at) last.rank = Math.min(last.rank, rankOf(event));
        else {
          groups.delete(key);
          groups.set(key, { until: at + alike.seconds * 1000, rank: rankOf(event) });
        }
      }
      forget(at);
    },
  };

  function forget(at: number): void {
    for (const [key, { until }] of groups) {
      if (until > at && groups.size <= MOST_GROUPS) return;
      groups.delete(key);
    }
  }
}

/** The most serious is the lowest. */
function rankOf({ severity }: ClusterEvent): number {
  return SEVERITIES.indexOf(severity);
}
