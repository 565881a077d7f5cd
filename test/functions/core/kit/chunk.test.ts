import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk } from '../../../../functions/core/kit/chunk.ts';

describe('chunk', () => {
  it('keeps every item in its order, within the limits unless one item alone is beyond them', () => {
    const limits = fc.record({ maxItems: fc.integer({ min: 1, max: 10 }), maxBytes: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 })), limits, (sizes, { maxItems, maxBytes }) => {
        const runs = chunk(sizes, { maxItems, maxBytes }, (size) => size);

        expect(runs.flat()).toEqual(sizes);
        for (const run of runs) {
          expect(run.length).toBeGreaterThan(0);
          expect(run.length).toBeLessThanOrEqual(maxItems);
          const bytes = run.reduce((sum, size) => sum + size, 0);
          expect(bytes <= maxBytes || run.length === 1).toBe(true);
        }
      }),
    );
  });

  it('makes no run that would have fitted into the one before', () => {
    expect(chunk([3, 3, 3, 5, 1], { maxItems: 10, maxBytes: 6 }, (size) => size)).toEqual([[3, 3], [3], [5, 1]]);
  });

  it('makes nothing of nothing', () => {
    expect(chunk([], { maxItems: 1, maxBytes: 1 }, () => 1)).toEqual([]);
  });
});
