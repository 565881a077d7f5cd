import { expect, test } from 'vitest';
import { createMetrics } from '../../../functions/core/runtime/metrics.ts';
import { createMetricTotals } from '../../../localstack/embedded/metric-totals.ts';

test('sums what functions count, over all sinks or for one', () => {
  const totals = createMetricTotals();
  const metrics = createMetrics(
    (line) => expect(totals.accept(line)).toBe(true),
    () => new Date(),
  );

  metrics.add('Delivered', 2, { Sink: 'log', Destination: 'a' });
  metrics.add('Delivered', 3, { Sink: 'log', Destination: 'b' });
  metrics.add('Delivered', 4, { Sink: 'webhook', Destination: 'a' });
  metrics.add('Filtered', 1, { Sink: 'router' }, { cause: 'unmatched' });
  metrics.flush();
  metrics.add('Delivered', 1, { Sink: 'log', Destination: 'a' });
  metrics.flush();

  expect(totals.sum('Delivered')).toBe(10);
  expect(totals.sum('Delivered', 'log')).toBe(6);
  expect(totals.sum('Filtered', 'router')).toBe(1);
  expect(totals.sum('Filtered', 'log')).toBe(0);
});

test('leaves lines that are no metrics to their reader', () => {
  const totals = createMetricTotals();

  expect(totals.accept('2026-11-23T07:59:30.000Z prod Warning BackOff')).toBe(false);
  expect(totals.accept('{"id":"prod/1/2"}')).toBe(false);
});
