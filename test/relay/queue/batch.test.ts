import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../relay/queue/backlog.ts';
import { nextBatch } from '../../../relay/queue/batch.ts';
import { BATCH_BYTES } from '../../../relay/queue/sqs.ts';
import { entry } from '../../support/queue-entry.ts';

const of = (...entries: readonly Entry[]) => ({ at: (place: number) => entries[place] });
const many = (count: number): readonly Entry[] => Array.from({ length: count }, () => entry('{}'));
const sizeOf = (...entries: readonly Entry[]): number => nextBatch(of(...entries), false, 8, 0).size;

describe('a batch takes', () => {
  test('nothing where nothing waits', () => {
    expect(nextBatch(of(), true, 8, 0)).toEqual({ size: 0, waitMs: 0 });
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

describe('a batch that gathers', () => {
  const first = entry('{}', { pushedAt: 1000 });

  test('waits from its first entry on, and no longer than told', () => {
    const wait = (nowMs: number): number =>
      nextBatch(of(first, entry('{}', { pushedAt: 1004 })), true, 8, nowMs).waitMs;
    expect([1000, 1003.5, 1007.9, 1008, 1100].map(wait)).toEqual([8, 5, 1, 0, 0]);
  });

  test('goes at once when it is full, by number, bytes or isolation', () => {
    const wait = (...entries: readonly Entry[]): number => nextBatch(of(...entries), true, 8, 1000).waitMs;
    expect(wait(first, ...many(9))).toBe(0);
    expect(wait(first, entry('', { bytes: BATCH_BYTES }))).toBe(0);
    expect(wait({ ...first, isolated: true })).toBe(0);
    expect(wait(first, entry('{}', { isolated: true }))).toBe(0);
    expect(wait(first, ...many(8))).toBe(8);
  });
});

test('a batch that does not gather goes at once', () => {
  expect(nextBatch(of(entry('{}', { pushedAt: 1000 })), false, 8, 1000)).toEqual({ size: 1, waitMs: 0 });
});
