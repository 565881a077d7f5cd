import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelaySeconds } from '../../../../functions/core/runtime/attempts.ts';

describe('the delay of a retry', () => {
  it('doubles by receive count up to 15 minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 60].map((receives) =>
      retryDelaySeconds({ receives, baseSeconds: 30 }, () => 0.5),
    );
    expect(delays).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it('scatters a burst by a tenth, and lengthens what the service asked for by as much', () => {
    const seconds = (afterMs: number | undefined, random: number): number =>
      retryDelaySeconds({ receives: 3, afterMs, baseSeconds: 30 }, () => random);
    expect([0, 0.5, 1].map((random) => seconds(undefined, random))).toEqual([108, 120, 132]);
    expect([0, 0.5].map((random) => seconds(100_000, random))).toEqual([100, 105]);
  });

  it('is between 5 s and 11 h, and never shorter than the service asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (afterMs, random) => {
          const seconds = retryDelaySeconds({ receives: 1, afterMs, baseSeconds: 30 }, () => random);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(5);
          expect(seconds).toBeLessThanOrEqual(39_600);
          expect(seconds).toBeGreaterThanOrEqual(Math.min(39_600, afterMs / 1000));
        },
      ),
    );
  });
});
