import { expect, test } from 'vitest';
import { createCounts } from '../../../relay/stream/counts.ts';

test('counts are remembered from two on, the least recent forgotten first', () => {
  const counts = createCounts(2);
  expect([counts.see('a', 1), counts.see('a', 2), counts.see('a', 3)]).toEqual([undefined, undefined, 2]);
  counts.see('b', 5);
  counts.see('a', 4);
  counts.see('c', 9);
  expect([counts.see('a', 5), counts.see('b', 6)]).toEqual([4, undefined]);
});
