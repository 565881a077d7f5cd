import type { LiveBatch, LiveEvent, Marks } from '../../contract.ts';
import { filterOf, NO_FILTER, type Filter } from './filter.ts';
import { createRing } from './ring.ts';

export const KEPT_EVENTS = 5000;

/** An event that is kept, and what became of it until now. */
export interface FeedRow {
  readonly event: LiveEvent;
  marks: Marks;
}

/** Why the list stands still. `scroll` ends at the top again. */
export type Freeze = 'scroll' | 'key';

/** What is shown of the feed. */
export interface FeedView {
  /** Rows that match. */
  readonly length: number;
  /** The newest is 0. */
  at(index: number): FeedRow | undefined;
  /** Where an event is; -1 where it is not. */
  indexOf(seq: number): number;
}

/**
 * The last events and the view of them. Taking a batch costs what the batch is long, whatever is kept; a filter looks at all that is
 * kept once, when it changes.
 */
export interface Feed {
  push(batch: LiveBatch): void;
  /** Another run of the server: what was kept is not of it. */
  reset(): void;
  readonly filter: Filter;
  setFilter(filter: Filter): void;
  readonly frozen: Freeze | undefined;
  freeze(why: Freeze): void;
  thaw(): void;
  /** Events that came since it froze, and match. */
  readonly fresh: number;
  readonly kept: number;
  readonly skipped: number;
  view(): FeedView;
  /** What became of an event that is kept. */
  marksOf(seq: number): Marks | undefined;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createFeed(capacity = KEPT_EVENTS): Feed {
  const all = createRing<FeedRow>(capacity);
  const matching = createRing<FeedRow>(capacity);
  const listeners = new Set<() => void>();
  let filter = NO_FILTER;
  let matches = filterOf(filter);
  /** All that was kept when it froze, and what of it matches, the newest first. */
  let still: { readonly why: Freeze; readonly all: readonly FeedRow[]; readonly rows: readonly FeedRow[] } | undefined;
  let fresh = 0;
  let skipped = 0;

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  return {
    push(batch) {
      for (const event of batch.events) {
        const row = { event, marks: event.marks };
        all.push(row);
        if (!matches(event)) continue;
        matching.push(row);
        if (still) fresh += 1;
      }
      for (const [seq, marks] of batch.marks) {
        const row = rowOf(all, seq);
        if (row) row.marks = marks;
      }
      skipped += batch.skipped;
      tell();
    },
    reset() {
      all.clear();
      matching.clear();
      still = undefined;
      fresh = 0;
      skipped = 0;
      tell();
    },
    get filter() {
      return filter;
    },
    setFilter(next) {
      filter = next;
      matches = filterOf(next);
      matching.clear();
      for (const row of all.items().toReversed()) if (matches(row.event)) matching.push(row);
      if (still) {
        const newest = still.all[0]?.event.seq ?? -1;
        fresh = countSince(matching, newest);
        still = { ...still, rows: still.all.filter(({ event }) => matches(event)) };
      }
      tell();
    },
    get frozen() {
      return still?.why;
    },
    freeze(why) {
      if (still) return;
      still = { why, all: all.items(), rows: matching.items() };
      fresh = 0;
      tell();
    },
    thaw() {
      still = undefined;
      fresh = 0;
      tell();
    },
    get fresh() {
      return fresh;
    },
    get kept() {
      return all.length;
    },
    get skipped() {
      return skipped;
    },
    view() {
      const rows = still?.rows;
      const length = rows?.length ?? matching.length;
      const at = (index: number): FeedRow | undefined => (rows ? rows[index] : matching.at(index));
      return { length, at, indexOf: (seq) => indexOf({ length, at }, seq) };
    },
    marksOf: (seq) => rowOf(all, seq)?.marks,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type Rows = Pick<FeedView, 'length' | 'at'>;

function rowOf(rows: Rows, seq: number): FeedRow | undefined {
  return rows.at(indexOf(rows, seq));
}

function indexOf(rows: Rows, seq: number): number {
  const index = countSince(rows, seq);
  return rows.at(index)?.event.seq === seq ? index : -1;
}

/** How many are newer than that: they are in order, so half of them is ruled out at each step. */
function countSince(rows: Rows, seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows.at(middle)?.event.seq ?? -1) > seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
