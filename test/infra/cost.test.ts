import { expect, test } from 'vitest';
import { loadConfigs } from '../../infra/discover.ts';
import { costSection, monthlyCost, type Cost } from '../../infra/docs/cost.ts';
import { synthesise, type Context } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.

function cost(context: Context, eventsPerSecond: number): Cost {
  const body: Parameters<typeof monthlyCost>[0] = JSON.parse(JSON.stringify(synthesise(context).toJSON()));
  return monthlyCost(body, eventsPerSecond);
}

const one = { sinks: 'webhook', clusters: 'prod' };

test('at one event a second every event is a request, an invocation and a delivery of its own', () => {
  const { SQS: sqs, Lambda: lambda, Metrics: metrics } = cost(one, 1);

  // 2,628,000 events: sent by relay and router, received and deleted by both functions; 2 x 657,000 polls; two fair queues.
  const requests = 6 * 2_628_000 + 2 * 657_000;
  expect(sqs).toBeCloseTo((requests * 0.4 + 2 * 2_628_000 * 0.1) / 1e6, 2);
  // 256 MB for 50 ms and 200 ms.
  expect(lambda).toBeCloseTo(2_628_000 * (2 * 0.2e-6 + 0.25 * 0.25 * 0.0000133334), 2);
  // Five of the destination, three of the router, one of the cluster.
  expect(metrics).toBeCloseTo(9 * 0.3, 2);
});

test('alarms, dashboards, windows, batches and memory count as the template has them', () => {
  const usual = cost(one, 10);
  const plain = cost({ ...one, clusters: '', dashboard: false }, 10);
  const windowed = cost({ ...one, windowSeconds: 1, batchSize: 10 }, 10);
  const large = cost({ ...one, memoryMb: 512 }, 10);

  expect(usual.Alarms - plain.Alarms).toBeCloseTo(0.1, 5);
  expect([usual.Dashboard, plain.Dashboard]).toEqual([3, 0]);
  expect(windowed.Lambda).toBeCloseTo(usual.Lambda / 10, 2);
  expect(large.Lambda).toBeGreaterThan(1.5 * usual.Lambda);
});

test('an alarm costs as much as the metrics that it looks at', () => {
  const alarms = (sinks: string): number => cost({ sinks, clusters: 'prod' }, 1).Alarms;

  // Each further sink: two of its own, and a metric in each of the five over all.
  expect(alarms('webhook,log') - alarms('webhook')).toBeCloseTo(7 * 0.1, 5);
});

test('the table has a column for each rate, and grows with it', async () => {
  const section = costSection(await loadConfigs());
  const [line = ''] = section.match(/^\| \*\*one sink\*\* .*$/m) ?? [];
  const [first, second, third] = [...line.matchAll(/\$([\d.]+)/g)].map(([, dollars]) => Number(dollars));

  expect(section).toContain('| a month | 1 event a second | 10 events a second | 100 events a second |');
  expect(section).toMatch(/^\| each further sink \| \$\d/m);
  expect(first).toBeLessThan(Number(second));
  expect(second).toBeLessThan(Number(third));
});
