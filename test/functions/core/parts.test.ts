import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelaySeconds } from '../../../functions/core/runtime/attempts.ts';
import { createLetter } from '../../../functions/core/runtime/letter.ts';
import { createMetrics } from '../../../functions/core/runtime/metrics.ts';

describe('the delay of a retry', () => {
  it('doubles by receive count up to 15 minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 60].map((receives) =>
      retryDelaySeconds({ receives, baseSeconds: 30 }, () => 0.5),
    );
    expect(delays).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
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

describe('a letter', () => {
  it('keeps the count of its replays', () => {
    const reason = { code: 'c', detail: '', destination: 'log/a', attempts: 8 };
    const letter = createLetter({ body: 'b', replays: '2' }, reason, new Date(0));
    expect(letter.attributes).toEqual({
      code: 'c',
      detail: '-',
      destination: 'log/a',
      attempts: '8',
      failedAt: '1970-01-01T00:00:00.000Z',
      replays: '2',
    });
  });
});

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
      Destination: 'a',
      Delivered: 150,
      _aws: {
        Timestamp: 1000,
        CloudWatchMetrics: [
          {
            Namespace: 'KubeCourier',
            Dimensions: [['Sink', 'Destination']],
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
});
