import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attemptsOf,
  carriedOn,
  isLastAttempt,
  retryDelaySeconds,
} from '../../../../functions/core/runtime/attempts.ts';

describe('attempts', () => {
  it('are said with the receives that brought no answer, and carried on without them', () => {
    const throttledTwice = { carried: 4, receives: 3 };

    expect(attemptsOf(throttledTwice)).toBe(7);
    expect(carriedOn(throttledTwice)).toBe(5);
  });

  it.each([
    ['the answered ones are as many', { carried: 7, receives: 1 }, true],
    ['one more is permitted', { carried: 6, receives: 1 }, false],
    ['receives without an answer would make as many', { carried: 6, receives: 7 }, false],
    ['one message was received as often', { carried: 0, receives: 8 }, true],
  ])('when %s: %j', (_when, tries, isLast) => {
    expect(isLastAttempt(tries, 8)).toBe(isLast);
  });
});

describe('the delay of a retry', () => {
  it('doubles by attempts up to 15 minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 60, 5000].map((attempts) =>
      retryDelaySeconds({ attempts, baseSeconds: 30 }, () => 0.5),
    );
    expect(delays).toEqual([30, 60, 120, 240, 480, 900, 900, 900, 900]);
  });

  it('scatters a burst by a tenth, and lengthens what the service asked for by as much', () => {
    const seconds = (afterMs: number | undefined, random: number): number =>
      retryDelaySeconds({ attempts: 3, afterMs, baseSeconds: 30 }, () => random);
    expect([0, 0.5, 1].map((random) => seconds(undefined, random))).toEqual([108, 120, 132]);
    expect([0, 0.5].map((random) => seconds(100_000, random))).toEqual([100, 105]);
  });

  it('is at most what SQS can delay a message where the service asked for nothing', () => {
    expect([0, 1].map((random) => retryDelaySeconds({ attempts: 9, baseSeconds: 30 }, () => random))).toEqual([
      810, 900,
    ]);
  });

  it.each([
    [0, 5],
    [5001, 6],
    [1e12, 39_600],
  ])('where the service asked for %i ms is %i s', (afterMs, seconds) => {
    expect(retryDelaySeconds({ attempts: 1, afterMs, baseSeconds: 30 }, () => 0)).toBe(seconds);
  });

  it('is between 5 s and 11 h, and never shorter than the service asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (afterMs, random) => {
          const seconds = retryDelaySeconds({ attempts: 1, afterMs, baseSeconds: 30 }, () => random);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(5);
          expect(seconds).toBeLessThanOrEqual(39_600);
          expect(seconds).toBeGreaterThanOrEqual(Math.min(39_600, afterMs / 1000));
        },
      ),
    );
  });
});
