import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { config } from '../../../functions/sinks/influxdb/config.ts';
import { line, pointTime } from '../../../functions/sinks/influxdb/line.ts';
import { eventPoint, tagNames } from '../../../functions/sinks/influxdb/point.ts';
import { writeOutcome } from '../../../functions/sinks/influxdb/reply.ts';
import { parseLines } from '../../support/line-protocol.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startInfluxDb3, type InfluxDb3Options } from '../../support/vendors/influxdb3.ts';

const text = fc.string({ unit: 'binary' });

function version(resourceVersion: string, fields: Parameters<typeof sampleEvent>[0] = {}) {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}

describe('line protocol', () => {
  it('says what was put in, whatever texts hold', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '=', 'ü'), minLength: 1 });
    fc.assert(
      fc.property(
        name.filter((value) => value.trim() !== '' && value === value.trim()),
        fc.dictionary(name, text),
        fc.dictionary(name, fc.oneof(text, fc.integer())),
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        (measurement, tags, fields, timestamp) => {
          const written = line({ measurement, tags, fields: { ...fields, last: 1 }, timestamp });

          const [read, ...more] = parseLines(written);

          expect(more).toEqual([]);
          expect(read?.measurement).toBe(measurement);
          expect(read?.timestamp).toBe(timestamp);
          const kept: [string, string | number][] = [...Object.entries(fields), ['last', 1]];
          const wellFormed = kept
            .filter(([, value]) => value !== '')
            .map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]);
          expect(read?.fields).toEqual(Object.fromEntries(wellFormed));
          for (const [key, value] of Object.entries(read?.tags ?? {})) {
            expect(value).toBe(
              String(tags[key])
                .toWellFormed()
                .replaceAll(/[\p{Cc}\u2028\u2029\\]/gu, '_')
                .trim(),
            );
          }
        },
      ),
    );
  });

  it('of a batch keeps one line per event, in every layout', () => {
    const layouts = ['event', 'kube-eventer', 'kube-eventer-fields'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...layouts), fc.array(fc.tuple(text, text), { minLength: 1 }), (layout, list) => {
        const lines = list.map(([message, reason], index) =>
          line(eventPoint(version(String(index), { message, reason }), { layout, tags: ['cluster', 'reason'] })),
        );
        expect(parseLines(lines.join('\n'))).toHaveLength(list.length);
      }),
    );
  });

  it('cuts a text at 64 KB between characters', () => {
    const [read] = parseLines(
      line({ measurement: 'm', tags: {}, fields: { message: '🔥'.repeat(20_000) }, timestamp: 1n }),
    );

    const message = String(read?.fields['message']);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(64_000);
    expect(Buffer.byteLength(message)).toBeGreaterThan(63_990);
    expect(message).toMatch(/^(🔥)+…$/u);
  });

  it('cuts tags so that a series stays below what InfluxDB takes', () => {
    const long = 'x'.repeat(100_000);
    const tags = Object.fromEntries(tagNames.map((name) => [name, long]));
    expect(line({ measurement: 'm', tags, fields: { count: 1 }, timestamp: 1n }).length).toBeLessThan(65_535);
  });
});

describe('the time of a point', () => {
  it('is the same for the same event, and stays within the precision that is known', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 4_000_000_000_000 }), (id, ms) => {
        const event = { id, lastSeen: new Date(ms).toISOString() };
        const nanoseconds = pointTime(event);

        expect(pointTime(event)).toBe(nanoseconds);
        const unit = ms % 1000 === 0 ? 1_000_000_000n : 1_000_000n;
        expect(nanoseconds / unit).toBe((BigInt(ms) * 1_000_000n) / unit);
      }),
    );
  });

  it('differs between the events of one second', () => {
    const times = Array.from({ length: 1000 }, (_, index) => pointTime(version(String(index))));
    expect(new Set(times).size).toBe(1000);
  });
});

describe('the options', () => {
  it.each([
    [{ api: 'v1' }, 'database'],
    [{ api: 'v3' }, 'database'],
    [{}, 'bucket'],
    [{ bucket: 'b', measurement: '_internal' }, 'measurement'],
    [{ bucket: 'b', measurement: 'two\nlines' }, 'measurement'],
    [{ bucket: 'b', tags: ['message'] }, 'tags[0]'],
  ])('%j are refused, naming %s', (options, field) => {
    const parsed = parseSettings(config, JSON.stringify({ endpoint: 'http://influxdb:8086', ...options }));
    expect('problems' in parsed && parsed.problems.map((problem) => problem.field)).toContain(field);
  });
});

describe('a refusal', () => {
  const lines = ['m count=1i 1', 'm count=2i 2'];
  it.each([
    [500, '{"error":"retention policy not found: x"}', 'rejected', 'retention_policy_not_found'],
    [500, '{"error":"timeout"}', 'retry', 'http_500'],
    [503, '{"code":"unavailable","message":"try later"}', 'retry', 'http_503'],
    [404, '{"error":"database not found: \\"x\\""}', 'rejected', 'database_not_found'],
    [404, '{"code":"not found","message":"organization name \\"x\\" not found"}', 'rejected', 'bucket_not_found'],
    [404, '404 page not found', 'rejected', 'api_not_found'],
    [400, '{"code":"invalid","message":"Please provide either orgID or org"}', 'rejected', 'bucket_not_found'],
    [
      422,
      '{"code":"unprocessable entity","message":"partial write: points beyond retention policy dropped=1"}',
      'split',
      'beyond_retention',
    ],
    [400, '{"error":"partial write: max-series-per-database limit exceeded: (1) dropped=1"}', 'split', 'series_limit'],
    [413, '{"code":"request too large","message":"points batch is too large"}', 'split', 'too_large'],
    [403, '{"error":"\\"u\\" user is not authorized to write to database \\"x\\""}', 'rejected', 'forbidden'],
    [302, '', 'rejected', 'http_302'],
    [200, '{}', 'retry', 'unexpected_reply'],
  ])('%i %s is %s: %s', (status, body, expected, code) => {
    expect(writeOutcome({ status, headers: {}, body }, lines, new Date())).toMatchObject({ status: expected, code });
  });

  it('never repeats the text of the event', () => {
    const body = JSON.stringify({ error: "unable to parse 'm message=SECRET': invalid field format `SECRET`" });
    expect(JSON.stringify(writeOutcome({ status: 400, headers: {}, body }, lines, new Date()))).not.toContain('SECRET');
  });
});

describe('InfluxDB 3', () => {
  const started: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of started.splice(0)) await stop();
  });

  async function start(server: Partial<InfluxDb3Options> = {}, options: object = {}) {
    const influx = await startInfluxDb3({ token: 'apiv3-token', database: 'k8s', ...server });
    const destination = await openDestination('influxdb', {
      options: { endpoint: influx.url, api: 'v3', database: 'k8s', ...options },
      secrets: { token: 'apiv3-token' },
    });
    started.push(
      () => influx.stop(),
      () => destination.close(),
    );
    return { influx, destination };
  }

  it('has each event once, however often it is delivered', async () => {
    const { influx, destination } = await start();
    const events = ['1', '2', '3'].map((resourceVersion) => version(resourceVersion));

    const outcomes = [...(await destination.deliver(events)), ...(await destination.deliver(events.toReversed()))];

    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(influx.points.size).toBe(3);
  });

  it.each(['one line', 'two\nlines'])('stores the good events of a batch with a bad one (%j)', async (message) => {
    const { influx, destination } = await start({ conflicts: ['bad'] });
    const events = [version('1', { message }), version('2', { message: 'bad' }), version('3', { message })];

    const outcomes = await destination.deliver(events);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', 'rejected', 'delivered']);
    expect(outcomes[1]).toMatchObject({ code: 'field_conflict' });
    expect(influx.points.size).toBe(2);
  });

  it('finds the bad events where more are bad than the server lists', async () => {
    const { influx, destination } = await start({ conflicts: ['bad'] });
    const events = Array.from({ length: 150 }, (_, index) =>
      version(String(index), { message: index < 120 ? 'bad' : 'good' }),
    );

    const outcomes = await destination.deliver(events);

    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(120);
    expect(influx.points.size).toBe(30);
  });

  it('gets a batch in pieces if it is too large for one request', async () => {
    const { influx, destination } = await start({ maxBodyBytes: 10_000 });
    const events = Array.from({ length: 8 }, (_, index) => version(String(index), { message: 'x'.repeat(3000) }));

    const outcomes = await destination.deliver([...events, version('9', { message: 'x'.repeat(12_000) })]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual([...events.map(() => 'delivered'), 'rejected']);
    expect(outcomes.at(-1)).toMatchObject({ code: 'too_large' });
    expect(influx.points.size).toBe(8);
  });

  it.each([
    [{ token: 'other' }, 'wrong_credentials'],
    [{ database: 'other' }, 'database_not_found'],
  ])('refuses the destination with %j', async (server, code) => {
    const { destination } = await start(server);
    expect(await destination.deliver([version('1')])).toEqual([
      expect.objectContaining({ status: 'rejected', scope: 'destination', code }),
    ]);
  });
});
