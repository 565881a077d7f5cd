import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../relay/queue/backlog.ts';
import { batchSize } from '../../../relay/queue/batch.ts';
import { entry } from '../../support/queue-entry.ts';

const BATCH_BYTES = 900 * 1024;
const of = (...entries: readonly Entry[]) => ({ at: (place: number) => entries[place] });
const many = (count: number): readonly Entry[] => Array.from({ length: count }, () => entry('{}'));
const sizeOf = (...entries: readonly Entry[]): number => batchSize(of(...entries));

describe('a batch takes', () => {
  test('nothing where nothing waits', () => {
    expect(sizeOf()).toBe(0);
  });

  test('up to ten entries', () => {
    expect([9, 10, 11].map((count) => sizeOf(...many(count)))).toEqual([9, 10, 10]);
  });

  test('as many bytes as one call may carry, and not one more', () => {
    const half = BATCH_BYTES / 2;
    expect(sizeOf(entry('', { bytes: half }), entry('', { bytes: half }))).toBe(2);
    expect(sizeOf(entry('', { bytes: half }), entry('', { bytes: half + 1 }))).toBe(1);
  });

  test('an entry that is longer than a call may be, by itself, for the queue to judge', () => {
    expect(sizeOf(entry('', { bytes: BATCH_BYTES + 1 }), entry('{}'))).toBe(1);
  });

  test('an isolated entry by itself, wherever it stands', () => {
    const isolated = entry('{}', { isolated: true });
    expect(sizeOf(isolated, entry('{}'))).toBe(1);
    expect(sizeOf(entry('{}'), entry('{}'), isolated)).toBe(2);
  });
});
