import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { clusterEvent, type ClusterEvent, type KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleContext, sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { archiveLine, readLine } from '../../../functions/sinks/s3/line.ts';
import { sink } from '../../../functions/sinks/s3/sink.ts';
import { anyText } from '../../support/any-text.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startS3, type S3Vendor } from '../../support/vendors/s3.ts';

let s3: S3Vendor;
let destination: LiveDestination;

beforeEach(async () => {
  s3 = await startS3('example-events');
  destination = await openDestination('s3', { options: { bucket: 'example-events', endpoint: s3.endpoint } });
});

afterEach(async () => {
  await destination.close();
  await s3.stop();
});

function numbered(index: number, fields: KubeEvent = {}): ClusterEvent {
  return sampleEvent({ metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(index) }, ...fields });
}

function at(index: number, lastTimestamp: string): ClusterEvent {
  return numbered(index, { lastTimestamp });
}

const idsIn = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).id);

it('writes an object for each hour of a batch, whatever the order of its events', async () => {
  const events = [at(3, '2026-11-23T08:10:00Z'), at(1, '2026-11-23T07:59:59Z'), at(2, '2026-11-24T00:00:00Z')];

  await destination.deliver(events);
  await destination.deliver(events.toReversed());

  expect([...s3.objects.keys()].map((key) => key.replace(/\/\d+-[\w-]{16}\.ndjson\.gz$/, '')).toSorted()).toEqual([
    'events/cluster=prod/date=2026-11-23/hour=07',
    'events/cluster=prod/date=2026-11-23/hour=08',
    'events/cluster=prod/date=2026-11-24/hour=00',
  ]);
  expect(idsIn(s3.lines()).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
});

it('counts a batch that is there already as delivered, and leaves it as it is', async () => {
  const events = [numbered(1), numbered(2)];
  await destination.deliver(events);
  const [before] = s3.objects.values();

  const outcomes = await destination.deliver(events);

  expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  expect([...s3.objects.values()]).toEqual([before]);
});

it('writes 10,000 events of an hour into one object', async () => {
  const events = Array.from({ length: 10_000 }, (_, index) => numbered(index));

  await destination.deliver(events);

  expect(s3.objects.size).toBe(1);
  const [bytes = Buffer.alloc(0)] = s3.objects.values();
  expect(gunzipSync(bytes).toString().trimEnd().split('\n')).toHaveLength(10_000);
});

it('parts what would be too large to be read at once', () => {
  const message = 'x'.repeat(2 ** 20);
  const parcels = sink.render(
    Array.from({ length: 40 }, (_, index) => numbered(index, { message })),
    { bucket: 'b', prefix: 'events' },
  );

  expect(parcels.length).toBeGreaterThan(1);
  for (const { payload } of parcels) expect(payload.text.length).toBeLessThanOrEqual(32 * 2 ** 20);
  expect(new Set(parcels.map(({ payload }) => payload.Key)).size).toBe(parcels.length);
});

describe('a refusal', () => {
  it.each([
    [
      { status: 404, code: 'NoSuchBucket' },
      { scope: 'destination', code: 'target_unusable' },
    ],
    [
      { status: 400, code: 'AuthorizationHeaderMalformed' },
      { scope: 'destination', code: 'target_unusable' },
    ],
    [
      { status: 403, code: 'AccessDenied' },
      { scope: 'destination', code: 'access_denied' },
    ],
    [{ status: 403 }, { scope: 'destination', code: 'access_denied' }],
    [
      { status: 403, code: 'InvalidAccessKeyId' },
      { scope: 'destination', code: 'credentials_refused' },
    ],
    [
      { status: 400, code: 'KMS.ThrottlingException' },
      { status: 'retry', code: 'throttled' },
    ],
    [
      { status: 400, code: 'KMS.DisabledException' },
      { scope: 'destination', code: 'key_unusable' },
    ],
    [
      { status: 501, code: 'NotImplemented' },
      { scope: 'destination', code: 'conditional_writes_missing' },
    ],
    [
      { status: 409, code: 'ConditionalRequestConflict' },
      { status: 'retry', code: 'unavailable' },
    ],
    [
      { status: 409, code: 'OperationAborted' },
      { status: 'retry', code: 'unavailable' },
    ],
    [
      { status: 400, code: 'BadDigest' },
      { status: 'retry', code: 'unavailable' },
    ],
    [
      { status: 400, code: 'RequestTimeout' },
      { status: 'retry', code: 'unavailable' },
    ],
    [
      { status: 503, code: 'SlowDown' },
      { status: 'retry', code: 'throttled' },
    ],
    [
      { status: 500, code: 'InternalError' },
      { status: 'retry', code: 'unavailable' },
    ],
    [{ status: 502 }, { status: 'retry', code: 'unavailable' }],
    [
      { status: 400, code: 'ExpiredToken' },
      { status: 'retry', code: 'credentials_expired' },
    ],
    [
      { status: 403, code: 'RequestTimeTooSkewed' },
      { status: 'retry', code: 'credentials_expired' },
    ],
    [
      { status: 400, code: 'EntityTooLarge' },
      { scope: 'event', code: 'too_large' },
    ],
  ])('%j means %j', async (refusal, outcome) => {
    s3.refuse(refusal);

    expect(await destination.deliver([numbered(1)])).toMatchObject([outcome]);
    expect(s3.objects.size).toBe(0);
  });
});

it('writes with a key of its own where there is one', async () => {
  const accessKey = { id: 'KEYOFASTORE', secret: 'its-secret' };
  const other = await openDestination('s3', {
    options: { bucket: 'example-events', endpoint: s3.endpoint },
    secrets: { accessKey },
  });

  await other.deliver([numbered(1)]);
  await other.close();

  expect(s3.server.requests[0]?.headers['authorization']).toContain('Credential=KEYOFASTORE/');
});

test('a line gives the event again, with all that the relay knew', () => {
  const text = anyText(80).map((value) => value.toWellFormed());
  const event = fc.record(
    {
      message: text,
      reason: text,
      count: fc.integer(),
      lastTimestamp: fc.option(text),
      source: fc.record({ component: text, host: text }),
    },
    { requiredKeys: [] },
  );
  const context = fc.constantFrom(undefined, sampleContext, {}, { node: 'n', annotations: { a: 'b' } });
  const change = fc.constantFrom('added' as const, 'modified' as const, 'listed' as const);
  fc.assert(
    fc.property(event, context, change, fc.option(fc.nat()), (fields, known, how, count) => {
      const seen = clusterEvent({
        cluster: 'prod',
        seenAt: '2026-11-23T07:59:31Z',
        change: how,
        ...(count !== null && { previousCount: count }),
        ...(known && { context: known }),
        event: JSON.parse(JSON.stringify({ ...sampleKubeEvent, ...fields })),
      });
      const line = archiveLine(seen);
      expect(line).not.toContain('\n');
      expect(clusterEvent(readLine(line))).toEqual(seen);
    }),
  );
});

test.each([
  ['{"v":2,"seen":{}}', /field v/],
  ['not JSON', /not JSON/],
  ['{"v":1}', /seen\.cluster/],
  ['{"v":1,"seen":{"cluster":"prod"}}', /field event/],
])('the line %s is refused with what is wrong', (line, message) => {
  expect(() => readLine(line)).toThrow(message);
});

test('a line says what the relay knew of the owner', () => {
  expect(clusterEvent(readLine(archiveLine(sampleEventIn(sampleContext))))).toEqual(sampleEventIn(sampleContext));
});
