import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../../functions/core/runtime/metrics.ts';

describe('metrics', () => {
  it('are one line per set of dimensions, counts summed, and twenty latencies for all', () => {
    const lines: string[] = [];
    const metrics = createMetrics(
      (line) => lines.push(line),
      () => new Date(1000),
    );
    const place = { Sink: 'log', Destination: 'a' };
    for (let each = 200; each > 0; each -= 1) {
      metrics.add('Delivered', 1, place);
      metrics.add('DeliveryLatency', each, place);
    }
    metrics.flush();
    metrics.flush();
    const [first] = lines.map((line) => JSON.parse(line));
    expect(lines).toHaveLength(1);
    expect(first).toMatchObject({
      Sink: 'log',
      Delivered: 200,
      _aws: {
        Timestamp: 1000,
        CloudWatchMetrics: [
          {
            Namespace: 'KubeCourier',
            Dimensions: [['Sink']],
            Metrics: [
              { Name: 'Delivered', Unit: 'Count' },
              { Name: 'DeliveryLatency', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
    });
    expect(first.DeliveryLatency).toEqual([
      1, 11, 22, 32, 43, 53, 64, 74, 85, 95, 106, 116, 127, 137, 148, 158, 169, 179, 190, 200,
    ]);
  });

  it('list latencies as they are where they are few', () => {
    const lines: string[] = [];
    const metrics = createMetrics(
      (line) => lines.push(line),
      () => new Date(1000),
    );
    for (const latency of [30, 20, 20]) metrics.add('DeliveryLatency', latency, { Sink: 'log' });
    metrics.flush();
    expect(lines.map((line) => JSON.parse(line).DeliveryLatency)).toEqual([[20, 20, 30]]);
  });

  it.each([
    ['sink', [['Sink']], ['5']],
    ['destination', [['Sink'], ['Sink', 'Destination']], ['2 of a', '3 of b']],
  ] as const)('count by %s', (by, dimensions, counted) => {
    const lines: string[] = [];
    const metrics = createMetrics(
      (line) => lines.push(line),
      () => new Date(1000),
      by,
    );
    metrics.add('Delivered', 2, { Sink: 'log', Destination: 'a' });
    metrics.add('Delivered', 3, { Sink: 'log', Destination: 'b' });
    metrics.flush();

    const all = lines.map((line) => JSON.parse(line));
    expect(all.map(({ _aws }) => _aws.CloudWatchMetrics[0].Dimensions)).toEqual(all.map(() => dimensions));
    expect(
      all.map(({ Delivered, Destination }) => `${Delivered}${Destination === undefined ? '' : ` of ${Destination}`}`),
    ).toEqual(counted);
  });

  it('keep the largest of ages', () => {
    const lines: string[] = [];
    const metrics = createMetrics(
      (line) => lines.push(line),
      () => new Date(1000),
    );
    for (const age of [60, 900, 30]) metrics.add('RetryAge', age, { Sink: 'log', Destination: 'a' });
    metrics.flush();
    expect(lines.map((line) => JSON.parse(line).RetryAge)).toEqual([900]);
  });
});
