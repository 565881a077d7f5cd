import type { LiveBatch, LiveEvent } from './contract.ts';
import type { Kept, Ring } from './ring.ts';

/** How far somebody has read: events, and changes of their marks. */
export interface Cursor {
  readonly seq: number;
  readonly change: number;
}

/** What one reader gets of a ring: each event at most once, in order. The ring is its only buffer. */
export interface Reading {
  /** What is new since the last call, with at most so many events, the newest. */
  next(limit: number): LiveBatch;
  cursor(): Cursor;
}

/** Whether all that came after a cursor is still there. */
export function mayResume(ring: Ring, { seq, change }: Cursor): boolean {
  return seq <= ring.last() && seq >= ring.first() - 1 && change <= ring.changes();
}

/** @param from where to go on; without it, the newest are the beginning and none counts as skipped. */
export function createReading(ring: Ring, show: (kept: Kept) => LiveEvent, from?: Cursor): Reading {
  let cursor = from;
  /** Events that this reader has not seen, whose marks are of no use to it. */
  const skipped = new Set<number>();
  return {
    next(limit) {
      const { seq, change } = cursor ?? {
        seq: ring.last() - Math.min(limit, ring.last() - ring.first() + 1),
        change: 0,
      };
      const isNew = ring.last() - seq;
      const events = ring.newest(Math.min(limit, isNew)).toReversed();
      const shownFrom = ring.last() - events.length + 1;
      const marks = changedSince(change, seq);
      for (let each = Math.max(seq + 1, ring.first()); each < shownFrom; each += 1) skipped.add(each);
      for (const each of skipped) if (each < ring.first()) skipped.delete(each);
      cursor = { seq: ring.last(), change: ring.changes() };
      return { events: events.map(show), marks, skipped: isNew - events.length };
    },
    cursor: () => cursor ?? { seq: 0, change: 0 },
  };

  function changedSince(change: number, seq: number): LiveBatch['marks'] {
    if (change === ring.changes()) return [];
    const changed: (readonly [number, Kept['marks']])[] = [];
    for (let each = ring.first(); each <= seq; each += 1) {
      const kept = ring.at(each);
      if (kept && kept.change > change && !skipped.has(each)) changed.push([each, kept.marks]);
    }
    return changed;
  }
}
