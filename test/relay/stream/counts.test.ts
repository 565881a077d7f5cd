import { expect, test } from 'vitest';
import { createCounts } from '../../../relay/stream/counts.ts';

test('counts are remembered from two on', () => {
  const counts = createCounts(2);
  expect([counts.see('a', 1), counts.see('a', 2), counts.see('a', 3)]).toEqual([undefined, undefined, 2]);
});

test('the least recently seen is forgotten first, which is said', () => {
  const counts = createCounts(2);
  counts.see('a', 2);
  counts.see('b', 5);
  counts.see('a', 4);
  expect(counts.forgotten).toBe(0);
  counts.see('c', 9);
  expect(counts.forgotten).toBe(1);
  expect([counts.see('a', 5), counts.see('c', 10), counts.see('b', 6)]).toEqual([4, 9, undefined]);
});

test('what happened once takes no room', () => {
  const counts = createCounts(1);
  counts.see('a', 2);
  for (let i = 0; i < 100; i += 1) counts.see(`once-${i}`, 1);
  expect([counts.see('a', 3), counts.forgotten]).toEqual([2, 0]);
});
