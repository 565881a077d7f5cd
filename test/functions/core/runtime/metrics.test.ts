import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../../functions/core/runtime/metrics.ts';

describe('metrics', () => {
  it('are one line per set of dimensions, counts summed and latencies listed up to 100', () => {
    const lines: string[] = [];
    const metrics = createMetrics(
      (line) => lines.push(line),
      () => new Date(1000),
    );
    const place = { Sink: 'log', Destination: 'a' };
    for (let each = 0; each < 150; each += 1) {
      metrics.add('Delivered', 1, place);
      metrics.add('DeliveryLatency', each, place);
    }
    metrics.flush();
    metrics.flush();
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(first).toMatchObject({
      Sink: 'log',
      Delivered: 150,
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
    expect(first.DeliveryLatency).toHaveLength(100);
    expect(second.DeliveryLatency).toHaveLength(50);
    expect(second).not.toHaveProperty('Delivered');
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
