import { expect, test } from 'vitest';
import { createRate } from '../../../relay/queue/rate.ts';

/** The rate after so many milliseconds with one event each `everyMs`. */
function rateAfter(ms: number, everyMs: number): number {
  let now = 0;
  const rate = createRate(() => now);
  for (; now < ms; now += everyMs) rate.count();
  return rate.perSecond();
}

test('a steady stream has its rate', () => {
  expect(rateAfter(5000, 1)).toBeGreaterThan(990);
  expect(rateAfter(5000, 1)).toBeLessThan(1010);
  expect(rateAfter(5000, 10)).toBeGreaterThan(95);
  expect(rateAfter(5000, 10)).toBeLessThan(105);
});

test('a rate grows and fades within about a second', () => {
  expect(rateAfter(100, 1)).toBeLessThan(300);
  let now = 0;
  const rate = createRate(() => now);
  for (; now < 5000; now += 1) rate.count();
  now += 1500;
  expect(rate.perSecond()).toBeLessThan(60);
});

test('nothing has no rate', () => {
  expect(createRate(() => 1000).perSecond()).toBe(0);
});
