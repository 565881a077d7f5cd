import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { oneLine } from '../ops/one-line.ts';
import type { Attempt, Marks } from './contract.ts';
import { marksOf } from './marks.ts';
import type { Observation } from './source.ts';

/** An event that is kept, with what became of it. */
export interface Kept {
  /** Grows by one for each event. */
  readonly seq: number;
  readonly event: ClusterEvent;
  /** By destination, the newest last. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly marks: Marks;
  /** Of all changes of marks, the number of the last one of this event; 0 if there was none. */
  readonly change: number;
}

/** The last events, in a bounded room. */
export interface Ring {
  accept(observations: readonly Observation[]): void;
  /** Of the oldest event that is kept; one more than `last` where none is. */
  first(): number;
  /** Of the newest event there was; 0 before the first. */
  last(): number;
  /** How often marks have changed. */
  changes(): number;
  at(seq: number): Kept | undefined;
  find(eventId: string): Kept | undefined;
  /** At most so many, newest first. */
  newest(count: number): readonly Kept[];
  /** By the ring's own measure. */
  bytes(): number;
}

export interface RingBounds {
  readonly events: number;
  /** Of the events as JSON, and of what is told of them. */
  readonly bytes: number;
  /** At one destination of one event: the newest are kept. */
  readonly attempts: number;
  /** Events that are not there yet, and what was told of them. */
  readonly early: number;
}

export const RING_BOUNDS: RingBounds = { events: 5000, bytes: 64 * 1024 * 1024, attempts: 20, early: 500 };

/** What an attempt takes beside its texts. */
const ATTEMPT_BYTES = 200;
const MAX_DETAIL = 500;

interface Entry extends Kept {
  readonly attempts: Map<string, readonly Attempt[]>;
  marks: Marks;
  change: number;
  bytes: number;
}

export function createRing(bounds: RingBounds = RING_BOUNDS): Ring {
  const entries = new Map<number, Entry>();
  const byId = new Map<string, Entry>();
  /** Told before their event: two logs are not read at the same pace. */
  const early = new Map<string, [destination: string, attempt: Attempt][]>();
  let last = 0;
  let changes = 0;
  let bytes = 0;

  return {
    accept(observations) {
      for (const observation of observations) {
        if (observation.kind === 'event') keep(observation.event);
        else told(observation.eventId, observation.destination, observation.attempt);
        while (entries.size > bounds.events || bytes > bounds.bytes) dropOldest();
      }
    },
    first,
    last: () => last,
    changes: () => changes,
    at: (seq) => entries.get(seq),
    find: (eventId) => byId.get(eventId),
    newest(count) {
      const from = Math.max(first(), last - count + 1);
      return Array.from({ length: last - from + 1 }, (_, back) => entries.get(last - back)).filter(
        (entry) => entry !== undefined,
      );
    },
    bytes: () => bytes,
  };

  function first(): number {
    return last - entries.size + 1;
  }

  /** What is delivered twice is one event. */
  function keep(event: ClusterEvent): void {
    if (byId.has(event.id)) return;
    last += 1;
    const size = Buffer.byteLength(JSON.stringify(event));
    const entry: Entry = { seq: last, event, attempts: new Map(), marks: {}, change: 0, bytes: size };
    entries.set(last, entry);
    byId.set(event.id, entry);
    bytes += size;
    for (const [destination, attempt] of early.get(event.id) ?? []) add(entry, destination, attempt);
    early.delete(event.id);
  }

  function told(eventId: string, destination: string, { at, status, code, detail }: Attempt): void {
    const attempt: Attempt = {
      at,
      status,
      ...(code !== undefined && { code: oneLine(code, 100) }),
      ...(detail !== undefined && { detail: oneLine(detail, MAX_DETAIL) }),
    };
    const entry = byId.get(eventId);
    if (entry) {
      add(entry, destination, attempt);
      return;
    }
    const others = early.get(eventId) ?? [];
    early.set(eventId, [...others, [destination, attempt] as [string, Attempt]].slice(-bounds.attempts));
    const [oldest] = early.keys();
    if (early.size > bounds.early && oldest !== undefined) early.delete(oldest);
  }

  function add(entry: Entry, destination: string, attempt: Attempt): void {
    const before = entry.attempts.get(destination) ?? [];
    const after = inOrder([...before, attempt]).slice(-bounds.attempts);
    entry.attempts.set(destination, after);
    const grown = sizeOf(destination, after) - sizeOf(destination, before);
    entry.bytes += grown;
    bytes += grown;
    entry.marks = marksOf(entry.attempts);
    changes += 1;
    entry.change = changes;
  }

  function dropOldest(): void {
    const oldest = entries.get(first());
    if (!oldest) return;
    entries.delete(oldest.seq);
    byId.delete(oldest.event.id);
    bytes -= oldest.bytes;
  }
}

/** By time; what was told later is later where the time is the same. */
function inOrder(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || 0);
}

function sizeOf(destination: string, attempts: readonly Attempt[]): number {
  const texts = attempts.map(({ code = '', detail = '' }) => Buffer.byteLength(code + detail));
  return texts.reduce((sum, size) => sum + size + ATTEMPT_BYTES + destination.length, 0);
}
