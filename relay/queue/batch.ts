import type { Backlog } from './backlog.ts';
import { BATCH_BYTES, BATCH_ENTRIES } from './sqs.ts';

/** How many of the waiting entries, from the first on, the next call carries; 0 while none wait. */
export function batchSize(backlog: Pick<Backlog, 'at'>): number {
  let size = 0;
  let bytes = 0;
  for (let entry = backlog.at(0); entry !== undefined && size < BATCH_ENTRIES; entry = backlog.at(size)) {
    if (size > 0 && (entry.isolated || bytes + entry.bytes > BATCH_BYTES)) return size;
    size += 1;
    bytes += entry.bytes;
    if (entry.isolated) return size;
  }
  return size;
}
