import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { archiveLine } from '../../../../functions/sinks/s3/line.ts';
import { startS3, type S3Vendor } from '../../../support/vendors/s3.ts';
import { startAws } from '../../../support/aws/aws.ts';
import { fakeClock, folderOf, ops, remove } from '../run.ts';
import { archiveInto, eventAt, objectsOf } from './archived.ts';

const clock = fakeClock();
let folder: string;

beforeEach(async () => {
  folder = await folderOf({});
});

afterEach(() => remove(folder));

const of = (name: string) => ({ involvedObject: { kind: 'Pod', namespace: 'payments', name } });

test('search prints what is asked for, in the order of time, each event once', async () => {
  const [a, b, c] = [
    eventAt(1, '2026-11-23T07:10:00Z', of('api-1')),
    eventAt(2, '2026-11-23T07:05:00Z', of('api-1')),
    eventAt(3, '2026-11-23T08:00:00Z', of('api-2')),
  ];
  // After a crash a batch is another one, with some of the same events.
  await archiveInto(folder, [a, b], [b, c]);

  const run = await ops(['archive', 'search', '--archive', folder, '--name', 'api-1'], { clock });
  const json = await ops(['archive', 'search', '--archive', folder, '--json'], { clock });

  expect(run.code).toBe(0);
  expect(run.out).toEqual([
    '2026-11-23T07:05:00.000Z prod Warning BackOff Pod payments/api-1 (x1): Back-off restarting failed container api',
    '2026-11-23T07:10:00.000Z prod Warning BackOff Pod payments/api-1 (x1): Back-off restarting failed container api',
  ]);
  expect(run.err.at(-1)).toMatch(/^2 events in 3 objects of 2 hours, \d/);
  expect(json.out).toEqual([b, a, c].map(archiveLine));
});

test('search finds an event whatever its text holds, what ends lines elsewhere among it', async () => {
  const text = fc.array(
    fc.constantFrom('a', '事', '😀', '\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\v', '"', '\ud800'),
  );
  const texts = fc.array(
    text.map((parts) => parts.join('')),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(texts, async (messages) => {
      const archive = await folderOf({});
      const events = messages.map((message, n) => eventAt(n, '2026-11-23T07:10:00Z', { message }));
      await archiveInto(archive, events);
      const { out, err } = await ops(['archive', 'search', '--archive', archive, '--json'], { clock });
      await remove(archive);
      expect(out).toEqual(events.map(archiveLine));
      expect(err.at(-1)).toMatch(new RegExp(`^${events.length} events? in 1 object `));
    }),
    { numRuns: 50 },
  );
});

test('search takes the filter of a destination, and says where it is wrong', async () => {
  await archiveInto(folder, [
    eventAt(1, '2026-11-23T07:10:00Z', { reason: 'OOMKilling' }),
    eventAt(2, '2026-11-23T07:11:00Z', { reason: 'Pulled' }),
  ]);
  const filter = join(folder, 'filter.json');
  await writeFile(filter, '{"match":[{"reason":"/OOM/"}]}');
  const wrong = join(folder, 'wrong.json');
  await writeFile(wrong, '{"match":[{"reazon":"x"}]}');

  const yaml = join(folder, 'filter.yaml');
  await writeFile(yaml, 'match:\n  - reason: /OOM/\n');

  const run = await ops(['archive', 'search', '--archive', folder, '--filter', filter], { clock });
  const same = await ops(['archive', 'search', '--archive', folder, '--filter', yaml], { clock });
  const bad = await ops(['archive', 'search', '--archive', folder, '--filter', wrong], { clock });

  expect(run.out).toHaveLength(1);
  expect(same.out).toEqual(run.out);
  expect(bad.code).toBe(2);
  expect(bad.err[0]).toContain(`${wrong}: match[0].reazon`);
});

test('search stops at the limit', async () => {
  await archiveInto(
    folder,
    Array.from({ length: 20 }, (_, n) => eventAt(n, '2026-11-23T07:10:00Z')),
  );

  const run = await ops(['archive', 'search', '--archive', folder, '--limit', '3'], { clock });

  expect(run.out).toHaveLength(3);
});

test('what cannot be read is said, and the rest is found', async () => {
  const [good, cut] = [
    objectsOf([eventAt(1, '2026-11-23T07:10:00Z')]),
    objectsOf([eventAt(2, '2026-11-23T08:10:00Z')]),
  ];
  await archiveInto(folder, [eventAt(1, '2026-11-23T07:10:00Z')], [eventAt(2, '2026-11-23T08:10:00Z')]);
  const key = cut[0]?.key.replace('events/', '') ?? '';
  await writeFile(join(folder, key), cut[0]?.bytes.subarray(0, 60) ?? '');
  expect(good).toHaveLength(1);

  const run = await ops(['archive', 'search', '--archive', folder], { clock });

  expect(run.code).toBe(1);
  expect(run.out).toHaveLength(1);
  expect(run.err.join('\n')).toContain(`not read: ${key}: breaks off after line 0`);
});

test.each([
  [['--since', 'yesterday'], 'expected a duration'],
  [['--since', '1h', '--until', '2h'], '--since is not before --until'],
  [['--archive', 's3://'], 'expected s3://BUCKET/PREFIX or a folder'],
  [['--archive', '/nowhere/at-all'], 'no such folder'],
  [['--namespace', '/(/'], '--namespace'],
])('search %j says what is wrong', async (argv, message) => {
  const place = argv.includes('--archive') ? [] : ['--archive', folder];
  const run = await ops(['archive', 'search', ...place, ...argv], { clock });

  expect(run.code).not.toBe(0);
  expect(run.err.join('\n')).toContain(message);
});

test('ls shows clusters and days without reading an object', async () => {
  await archiveInto(
    folder,
    [eventAt(1, '2026-11-23T07:10:00Z'), eventAt(2, '2026-11-23T08:10:00Z')],
    [eventAt(3, '2026-11-22T08:10:00Z', {}, 'eu')],
  );

  const run = await ops(['archive', 'ls', '--archive', folder], { clock });

  expect(run.out.map((line) => line.replace(/ \S+ KB$| \S+ B$/, ''))).toEqual([
    'eu  2026-11-22  1 hour  1 object ',
    'prod  2026-11-23  2 hours  2 objects ',
  ]);
});

test('search finds what a plain filter over all events finds', async () => {
  const start = Date.parse('2026-11-20T00:00:00Z');
  const time = fc.integer({ min: 0, max: 5 * 24 * 60 }).map((minutes) => start + minutes * 60_000);
  const event = fc.record({ at: time, name: fc.constantFrom('a', 'b'), cluster: fc.constantFrom('prod', 'eu') });
  const range = fc.tuple(time, time).map(([a, b]) => ({ since: Math.min(a, b), until: Math.max(a, b) + 60_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(event, { minLength: 1 }), { maxLength: 4 }), range, async (drawn, asked) => {
      let number = 0;
      const batches = drawn.map((batch) =>
        batch.map(({ at, name, cluster }) => eventAt((number += 1), new Date(at).toISOString(), of(name), cluster)),
      );
      const own = await folderOf({});
      await archiveInto(own, ...batches, batches.flat().slice(0, 3));
      const since = new Date(asked.since).toISOString();
      const until = new Date(asked.until).toISOString();

      const run = await ops(
        ['archive', 'search', '--archive', own, '--json', '--name', 'a', '--since', since, '--until', until],
        { clock },
      );

      const expected = batches
        .flat()
        .filter(({ object, lastSeen }) => object.name === 'a' && lastSeen >= since && lastSeen < until);
      expect(new Set(run.out.map((line) => JSON.parse(line).id))).toEqual(new Set(expected.map(({ id }) => id)));
      expect(run.out).toHaveLength(expected.length);
      await remove(own);
    }),
    { numRuns: 25 },
  );
});

describe('in a bucket', () => {
  let s3: S3Vendor;

  beforeEach(async () => {
    s3 = await startS3('example', 2);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpoint);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const batches = [6, 7, 8, 9, 10].map((hour) => [
      eventAt(hour, `2026-11-23T${String(hour).padStart(2, '0')}:10:00Z`),
      eventAt(100 + hour, `2026-11-22T${String(hour).padStart(2, '0')}:10:00Z`),
    ]);
    for (const { key, bytes } of batches.flatMap(objectsOf)) s3.put(key, bytes);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await s3.stop();
  });

  test('search reads only the hours that are asked for', async () => {
    const argv = ['archive', 'search', '--archive', 's3://example/events', '--cluster', 'prod'];
    const run = await ops([...argv, '--since', '2026-11-23T07:00:00Z', '--until', '2026-11-23T09:00:00Z'], { clock });

    expect(run).toMatchObject({ code: 0, out: [expect.stringMatching(/T07:10/), expect.stringMatching(/T08:10/)] });
    expect(s3.reads.map((key) => key.split('/')[3])).toEqual(['hour=07', 'hour=08']);
    expect(s3.lists.filter((prefix) => prefix.includes('2026-11-22'))).toEqual([]);
  });

  test("search finds the stack's own bucket by its output", async () => {
    const aws = await startAws({ outputs: { ArchiveBucket: 'example' } });
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpoint);

    const run = await ops(['archive', 'search', '--since', '2026-11-23T10:00:00Z'], { clock });
    await aws.stop();

    expect(run).toMatchObject({ code: 0, out: [expect.stringMatching(/T10:10/)] });
  });

  test('a stack without an archive says what to do', async () => {
    const aws = await startAws();

    const run = await ops(['archive', 'ls'], { clock });
    await aws.stop();

    expect(run.code).toBe(1);
    expect(run.err.join()).toContain('has no archive of its own: add s3 to sinks and deploy');
  });
});
