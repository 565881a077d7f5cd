import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { itemOf, openMessage, pack } from '../../functions/core/contract/envelope.ts';
import { clusterEvent, isKubeEvent } from '../../functions/core/contract/event.ts';
import { archiveLine } from '../../functions/sinks/s3/line.ts';
import { listOf, recordOf } from '../../functions/core/contract/untrusted.ts';
import { createMetrics } from '../../functions/core/runtime/metrics.ts';
import { ROUTER } from '../../functions/fanout/copies.ts';
import { loadConfigs } from '../../infra/discover.ts';
import { ASSUMPTIONS, monthlyCost, type Cost, type TemplateBody, type Traffic } from '../../infra/docs/cost.ts';
import { costSections, figures } from '../../infra/docs/cost-tables.ts';
import { startSampleCluster } from '../../localstack/sample/sample-cluster.ts';
import { eventMessage } from '../../relay/queue/message.ts';
import { synthesise, type Context } from './synthesise.ts';

// Synthesis takes seconds where processors are shared.

const configs = await loadConfigs();

function cost(context: Context, traffic: Traffic): Cost {
  const body: TemplateBody = JSON.parse(JSON.stringify(synthesise(context).toJSON()));
  return monthlyCost(body, configs, traffic);
}

const one = { sinks: 'elasticsearch', clusters: 'prod' };
/** Every event is a message of its own then. */
const atOnce = { perSecond: 1000, burst: 1000 };

test.each([
  [1, { one: 14, furtherSink: 4, furtherDestination: 1 }],
  [10, { one: 15, furtherSink: 5, furtherDestination: 1 }],
  [100, { one: 25, furtherSink: 10, furtherDestination: 1 }],
] as const)('at %i events a second, a sink costs so little, and what is added as well', (eventsPerSecond, most) => {
  const all = figures(configs);

  for (const [name, dollars] of [
    ['one', most.one],
    ['furtherSink', most.furtherSink],
    ['furtherDestination', most.furtherDestination],
  ] as const)
    expect([name, all[name]({ eventsPerSecond })]).toEqual([name, expect.toSatisfy((cost) => cost <= dollars)]);
});

test('a message for each event is a request at each hop, an invocation of the router and a part of a batch', () => {
  const { SQS: sqs, Lambda: lambda } = cost(
    { ...one, 'sinks.elasticsearch.windowSeconds': 0 },
    { eventsPerSecond: 1, budget: atOnce },
  );

  // 2,628,000 events: sent by relay and router, received and deleted by both functions; few polls without any; a fair queue.
  expect(sqs / ((6 * 2_628_000 * 0.4 + 2_628_000 * 0.1) / 1e6)).toBeCloseTo(1, 1);
  // 256 MB for 50 ms and 100 ms.
  expect(lambda / (2_628_000 * (2 * 0.2e-6 + 0.15 * 0.25 * 0.0000133334))).toBeCloseTo(1, 1);
});

test('a queue without events costs its polls', () => {
  const { SQS: idle, Lambda: lambda } = cost(one, { eventsPerSecond: 0.0001 });

  // Two queues, each with five polls in 20 s; and the heartbeats.
  expect(idle).toBeCloseTo((2 * 657_000 * 0.4) / 1e6, 1);
  expect(lambda).toBeCloseTo(0, 1);
});

test('alarms, dashboards, windows, batches and memory count as the template has them', () => {
  const usual = cost(one, { eventsPerSecond: 10 });
  const plain = cost({ ...one, clusters: '', dashboard: false }, { eventsPerSecond: 10 });
  const windowed = cost({ ...one, windowSeconds: 300, batchSize: 10 }, { eventsPerSecond: 10 });
  const large = cost({ ...one, memoryMb: 512 }, { eventsPerSecond: 10 });

  expect(usual.Alarms - plain.Alarms).toBeCloseTo(0.1, 5);
  expect([usual.Dashboard, plain.Dashboard]).toEqual([3, 0]);
  expect(windowed.Lambda).toBeLessThan(usual.Lambda / 2);
  expect(large.Lambda).toBeGreaterThan(1.5 * usual.Lambda);
});

test('an alarm costs as much as the metrics that it looks at', () => {
  const alarms = (sinks: string): number => cost({ sinks, clusters: 'prod' }, { eventsPerSecond: 1 }).Alarms;

  // Each further sink: two of its own, and a metric in each of the five over all.
  expect(alarms('webhook,log') - alarms('webhook')).toBeCloseTo(7 * 0.1, 5);
});

test('a destination has metrics of its own only where that is asked for', () => {
  const metrics = (context: Context, destinations: number): number =>
    cost({ ...one, ...context }, { eventsPerSecond: 1, destinations }).Metrics;

  expect(metrics({}, 3)).toBe(metrics({}, 1));
  const further = metrics({ metricsBy: 'destination' }, 3) - metrics({ metricsBy: 'destination' }, 2);
  expect(further).toBeGreaterThan(0.6);
  expect(further).toBeLessThan(1.5);
});

test('a sink that makes a request for each event is billed for each', () => {
  const { requestPerEvent, furtherSink } = figures(configs);

  expect(requestPerEvent({ eventsPerSecond: 100 })).toBeGreaterThan(10 * furtherSink({ eventsPerSecond: 100 }));
});

test('an archive costs an object for each batch, and what it holds once it is full', () => {
  const { S3: none } = cost(one, { eventsPerSecond: 10 });
  const { S3: days400 } = cost({ sinks: 's3', clusters: 'prod' }, { eventsPerSecond: 10 });
  const { S3: days40 } = cost({ sinks: 's3', clusters: 'prod', archiveDays: 40 }, { eventsPerSecond: 10 });

  expect(none).toBe(0);
  expect(days400 - days40).toBeCloseTo((360 * 864_000 * ASSUMPTIONS.archivedBytes * 0.023) / 1e9, 2);
  // Five pollers, each with a batch in five minutes, for 730 hours.
  expect(days40 - (40 * 864_000 * ASSUMPTIONS.archivedBytes * 0.023) / 1e9).toBeCloseTo(
    (5 * 12 * 730 * 1.08 * 5) / 1e6,
    1,
  );
});

test('the bill follows the time and not the events, but where each is sent at once', () => {
  const { one: total } = figures(configs);

  expect(total({ eventsPerSecond: 100 })).toBeLessThan(1.2 * total({ eventsPerSecond: 1 }));
  expect(total({ eventsPerSecond: 100, budget: atOnce })).toBeGreaterThan(5 * total({ eventsPerSecond: 1 }));
});

test('the README has a column for each rate and a row for each budget, in both languages', () => {
  const { en, zh } = costSections(configs);

  expect(en).toContain('| a month | 1 event a second | 10 events a second | 100 events a second |');
  for (const text of [en, zh]) {
    expect(text).toMatch(/^\| `0\.5` \|/m);
    expect(text).toMatch(/^\| `1000` \| 0 \| 0 \|/m);
  }
  expect(zh.match(/\$\d+\.\d\d/g)).toEqual(en.match(/\$\d+\.\d\d/g));
});

afterEach(() => {
  vi.useRealTimers();
});

test('events of the sample cluster are as long as assumed, plain and gzipped, and two hundred fit into one message', async () => {
  const items = (await sampleEvents()).flatMap((event) => {
    const opened = openMessage(eventMessage('prod', 'added', event, undefined).body);
    return opened.kind === 'events' ? opened.events.map((message) => ({ item: itemOf(message) })) : [];
  });
  const each = (count: number): number => {
    const packed = pack({ cluster: 'prod' }, items.slice(0, count));
    expect(packed).toHaveLength(1);
    return Buffer.byteLength(packed[0]?.body ?? '') / count;
  };

  for (const [bytes, assumed] of [
    [each(50), ASSUMPTIONS.eventBytes],
    [each(200), ASSUMPTIONS.gzippedEventBytes],
  ] as const) {
    expect(bytes).toBeLessThanOrEqual(assumed);
    expect(bytes).toBeGreaterThan(0.9 * assumed);
  }
});

test('events of the sample cluster take less in an archive than assumed', async () => {
  const events = (await sampleEvents()).map((event) =>
    clusterEvent({ cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added', event }),
  );
  const bytes = gzipSync(events.map((event) => `${archiveLine(event)}\n`).join('')).length / events.length;

  expect(bytes).toBeLessThanOrEqual(ASSUMPTIONS.archivedBytes);
  expect(bytes).toBeGreaterThan(0.3 * ASSUMPTIONS.archivedBytes);
});

test('functions write as many bytes of metrics as assumed', () => {
  const { routerLogBytes, sinkLogBytes, latencyLogBytes, mostLatencies } = ASSUMPTIONS;
  let bytes = 0;
  const metrics = createMetrics(
    (line) => (bytes += line.length + 26),
    () => new Date(),
  );
  const written = (): number => {
    bytes = 0;
    metrics.flush();
    return bytes;
  };

  metrics.add('Received', 150, ROUTER);
  metrics.add('Filtered', 20, ROUTER, { cause: 'unmatched' });
  const router = written();
  for (let each = 0; each < 100; each += 1) {
    metrics.add('Delivered', 1, { Sink: 'elasticsearch' });
    metrics.add('DeliveryLatency', 10_000 + each, { Sink: 'elasticsearch' });
  }
  const sink = written();

  for (const [measured, assumed] of [
    [router, routerLogBytes],
    [sink, sinkLogBytes + mostLatencies * latencyLogBytes],
  ] as const) {
    expect(measured).toBeLessThanOrEqual(assumed);
    expect(measured).toBeGreaterThan(0.9 * assumed);
  }
});

/** What the sample cluster has after some minutes. */
async function sampleEvents(): Promise<readonly KubeEvent[]> {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const cluster = await startSampleCluster(1);
  vi.advanceTimersByTime(5 * 60_000);
  vi.useRealTimers();
  const reply: unknown = await (await fetch(`${cluster.url}/api/v1/events`)).json();
  await cluster.stop();
  return listOf(recordOf(reply)['items']).filter(isKubeEvent);
}
