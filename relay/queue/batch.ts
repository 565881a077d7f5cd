import type { Backlog } from './backlog.ts';
import { BATCH_BYTES, BATCH_ENTRIES } from './sqs.ts';

/** What the next call carries. */
export interface Batch {
  /** How many of the waiting entries, from the first on; 0 while none wait. */
  readonly size: number;
  /** How long to wait for more of them first, in milliseconds; 0: send now. */
  readonly waitMs: number;
}

/**
 * Forms the next batch. A full one goes at once. Another one gathers for `gatherMs` from its first entry's push on, but
 * only while that costs nothing or saves much (`gathers`); an entry that is sent again has waited for longer already.
 * @param nowMs of the monotonic clock that entries are pushed by.
 */
export function nextBatch(backlog: Pick<Backlog, 'at'>, gathers: boolean, gatherMs: number, nowMs: number): Batch {
  const { size, full } = fill(backlog);
  const oldest = backlog.at(0);
  if (oldest === undefined || full || !gathers) return { size, waitMs: 0 };
  return { size, waitMs: Math.max(0, Math.ceil(gatherMs - (nowMs - oldest.pushedAt))) };
}

/** How many entries fit into one call, and whether no further one would. */
function fill(backlog: Pick<Backlog, 'at'>): { readonly size: number; readonly full: boolean } {
  let size = 0;
  let bytes = 0;
  for (let entry = backlog.at(0); entry !== undefined && size < BATCH_ENTRIES; entry = backlog.at(size)) {
    if (size > 0 && (entry.isolated || bytes + entry.bytes > BATCH_BYTES)) return { size, full: true };
    size += 1;
    bytes += entry.bytes;
    if (entry.isolated) return { size, full: true };
  }
  return { size, full: size === BATCH_ENTRIES };
}
