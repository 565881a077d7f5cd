import { expect, test } from 'vitest';
import { playSends, quantile } from '../../../infra/docs/sends.ts';
import { DEFAULT_BUDGET } from '../../../relay/manifests/settings.ts';

const most = (sorted: readonly number[]): number => quantile(sorted, 1);

test('Warnings that come more rarely than their budget wait for nothing, and take the others along', () => {
  const { messagesPerSecond, waits } = playSends({ eventsPerSecond: 10, warningShare: 0.02 }, DEFAULT_BUDGET);

  expect(quantile(waits.warning, 0.99)).toBe(0);
  expect(most(waits.normal)).toBeLessThanOrEqual(2001);
  // Each pause is over with a Warning, or after two seconds: w / (1 - exp(-w / budget)).
  expect(messagesPerSecond).toBeCloseTo(0.2 / (1 - Math.exp(-0.2 / 0.5)), 1);
});

test('what comes faster is sent as often as the budget says, and nothing waits longer than its pause', () => {
  const { messagesPerSecond, waits } = playSends({ eventsPerSecond: 50, warningShare: 0.2 }, DEFAULT_BUDGET);

  expect(messagesPerSecond).toBeCloseTo(0.5, 1);
  for (const lane of [waits.warning, waits.normal]) expect(most(lane)).toBeLessThanOrEqual(2001);
});

test('what fills an envelope is sent at once, whatever the budget says', () => {
  const { messagesPerSecond, waits } = playSends({ eventsPerSecond: 1000, warningShare: 0.2 }, DEFAULT_BUDGET);

  expect(messagesPerSecond).toBeCloseTo(1000 / 200, 0);
  expect(most(waits.normal)).toBeLessThan(300);
});

test('every event is sent once', () => {
  const { waits } = playSends({ eventsPerSecond: 10, warningShare: 0.2 }, { perSecond: 1000, burst: 1000 });

  expect(waits.warning.length + waits.normal.length).toBe(30_000);
});
