import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokens, type Tokens } from '../../../relay/queue/budget.ts';

function takes(tokens: Tokens): boolean {
  if (tokens.waitMs() > 0) return false;
  tokens.spend();
  return true;
}

test('allows a burst at once, then one each time the pause is over', () => {
  let now = 0;
  const tokens = createTokens({ perSecond: 0.5, burst: 2 }, () => now);
  const takenAt = (ms: number): boolean => {
    now = ms;
    return takes(tokens);
  };
  expect([takenAt(0), takenAt(0), takenAt(0)]).toEqual([true, true, false]);
  expect(tokens.waitMs()).toBe(2000);
  expect([takenAt(1999), takenAt(2000), takenAt(2001), takenAt(4000)]).toEqual([false, true, false, true]);
  expect([takenAt(60_000), takenAt(60_000), takenAt(60_000)]).toEqual([true, true, false]);
});

test('begins a pause anew where more was spent than there was', () => {
  let now = 0;
  const tokens = createTokens({ perSecond: 0.5, burst: 1 }, () => now);
  tokens.spend();
  now = 1500;
  expect(tokens.waitMs()).toBe(500);
  tokens.spend();
  expect(tokens.waitMs()).toBe(2000);
});

test('never allows more than the burst and what the time brings, and nobody waits longer than a pause', () => {
  const budgets = fc.record({
    perSecond: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    burst: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(budgets, fc.array(fc.nat(5000), { maxLength: 200 }), (budget, steps) => {
      let now = 0;
      let taken = 0;
      const tokens = createTokens(budget, () => now);
      for (const step of steps) {
        now += step;
        if (takes(tokens)) taken += 1;
        expect(tokens.waitMs()).toBeLessThanOrEqual(Math.ceil(1000 / budget.perSecond));
        expect(taken).toBeLessThanOrEqual(budget.burst + (now / 1000) * budget.perSecond + 1e-6);
      }
      now += tokens.waitMs();
      expect(takes(tokens)).toBe(true);
    }),
  );
});
