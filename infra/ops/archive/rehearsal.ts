import type { Alike } from '../../../functions/core/contract/config.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';

/** A version of a destination: which events pass. */
export type Passes = (event: ClusterEvent) => boolean;

/** What a version of a destination would have sent. */
export interface Sent {
  readonly events: number;
  /** Of a chat, what is alike comes together; elsewhere each event counts. */
  readonly messages: number;
  /** The hour with the most messages, the first of several; undefined where there was none. */
  readonly loudest: { readonly hour: string; readonly messages: number } | undefined;
}

export interface Rehearsal {
  readonly before: Sent;
  readonly after: Sent;
  /** Reasons of which something arrived, and nothing would any more, with how many events; the most first. */
  readonly lost: readonly ReasonCount[];
  /** Reasons of which nothing arrived, and something would. */
  readonly gained: readonly ReasonCount[];
}

export interface ReasonCount {
  readonly reason: string;
  readonly events: number;
}

/**
 * Plays events, in the order of time, to two versions of a destination. Messages of a chat are counted by its rule: one is sent at
 * once, and what is alike waits for so long and comes together. That what is more serious waits for nothing is left out, as are
 * silences, failures and the rate of the service.
 */
export function createRehearsal(before: Passes, after: Passes, alike?: Alike) {
  const [was, is] = [createVersion(before, alike), createVersion(after, alike)];
  return {
    add(event: ClusterEvent): void {
      was.add(event);
      is.add(event);
    },
    result: (): Rehearsal => ({
      before: was.sent(),
      after: is.sent(),
      lost: missingIn(was.reasons, is.reasons),
      gained: missingIn(is.reasons, was.reasons),
    }),
  };
}

function createVersion(passes: Passes, alike: Alike | undefined) {
  const reasons = new Map<string, number>();
  const hours = new Map<string, number>();
  const lastOf = new Map<string, Turn>();
  let events = 0;
  return {
    reasons,
    add(event: ClusterEvent): void {
      if (!passes(event)) return;
      events += 1;
      count(reasons, event.reason);
      const at = Date.parse(event.lastSeen);
      if (!alike) return count(hours, hourOf(at));
      const key = alike.keyOf(event);
      const { turn, sentAt } = next(lastOf.get(key), at, alike.seconds * 1000);
      lastOf.set(key, turn);
      if (sentAt !== undefined) count(hours, hourOf(sentAt));
    },
    sent(): Sent {
      const [loudest] = [...hours].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
      return {
        events,
        messages: [...hours.values()].reduce((sum, each) => sum + each, 0),
        loudest: loudest && { hour: loudest[0], messages: loudest[1] },
      };
    },
  };
}

/** When the last message of what is alike was sent, or is to be: until then, events gather for it. */
interface Turn {
  readonly at: number;
  /** The time of the event that brought it about: what comes in the same second comes with that. */
  readonly causedAt: number;
}

/** What one more event makes of it; `sentAt` is the time of the message that there is now besides. */
function next(last: Turn | undefined, at: number, waitMs: number): { readonly turn: Turn; readonly sentAt?: number } {
  if (!last || at >= last.at + waitMs) return { turn: { at, causedAt: at }, sentAt: at };
  // It comes with those that gather already.
  if (at < last.at || at === last.causedAt) return { turn: last };
  const sentAt = last.at + waitMs;
  return { turn: { at: sentAt, causedAt: at }, sentAt };
}

function missingIn(some: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): readonly ReasonCount[] {
  return [...some]
    .filter(([reason]) => !others.has(reason))
    .map(([reason, events]) => ({ reason, events }))
    .toSorted((a, b) => b.events - a.events || (a.reason < b.reason ? -1 : 1));
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function hourOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 13)}:00Z`;
}
