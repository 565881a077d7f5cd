import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleContext, sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { readFields } from '../../../functions/core/kit/protobuf.ts';
import { encodeRequest } from '../../../functions/sinks/otlp/encode.ts';
import { logsRequest } from '../../../functions/sinks/otlp/record.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination } from '../../support/live-destination.ts';
import { decodeRequest, startOtlp } from '../../support/vendors/otlp.ts';

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

const ENCODINGS = ['protobuf', 'json'] as const;

async function start(options: object, secrets: object = {}, headers: Record<string, string> = {}) {
  const otlp = await startOtlp(headers);
  const destination = await openDestination('otlp', {
    options: { endpoint: otlp.url, ...options },
    secrets: { ...secrets },
  });
  started.push(
    () => otlp.stop(),
    () => destination.close(),
  );
  return { otlp, destination };
}

function version(resourceVersion: string, fields: KubeEvent = {}) {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}

describe('the encoder', () => {
  it("writes what OpenTelemetry's own code reads as the JSON form", () => {
    const request = logsRequest([sampleEventIn(sampleContext), version('2', { type: 'Normal' })], { 'x.y': 'z' });
    expect(decodeRequest(encodeRequest(request))).toEqual(request);
  });

  it('does so whatever an event holds', () => {
    fc.assert(
      fc.property(hostileEvents(40), (events) => {
        const request = logsRequest(events, {});
        const wellFormed = JSON.parse(JSON.stringify(request), (_, value: unknown) =>
          typeof value === 'string' ? value.toWellFormed() : value,
        );
        expect(decodeRequest(encodeRequest(request))).toEqual(wellFormed);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the reader', () => {
  it('takes any bytes, and gives nothing where they are no message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const fields = readFields(bytes);
        expect(fields === undefined || fields instanceof Map).toBe(true);
      }),
    );
    expect(readFields(Buffer.from([0x0a, 0x05, 0x01]))).toBeUndefined();
  });
});

describe.each(ENCODINGS)('the otlp sink in %s', (encoding) => {
  it('delivers every event with its identity and secret headers', async () => {
    const { otlp, destination } = await start(
      { encoding },
      { secretHeaders: { 'x-honeycomb-team': 'key' } },
      { 'x-honeycomb-team': 'key' },
    );
    const events = Array.from({ length: 1000 }, (_, index) => version(String(index)));

    const outcomes = await destination.deliver(events);

    expect(outcomes.every(({ status }) => status === 'delivered')).toBe(true);
    expect(idsOf(otlp.requests)).toEqual(events.map(({ id }) => id));
    expect(otlp.requests.flatMap(({ resourceLogs }) => resourceLogs)).toHaveLength(otlp.requests.length);
  });

  it('says how many records of a request were refused, and sends none again', async () => {
    const { otlp, destination } = await start({ encoding });
    const events = Array.from({ length: 300 }, (_, index) => version(String(index)));
    otlp.refuseNext(200, 'too old');

    const outcomes = await destination.deliver(events);

    expect(outcomes[0]).toEqual({ status: 'delivered', warning: '200 of 300 records refused: too old' });
    expect(otlp.requests).toHaveLength(1);
  });

  it('rejects the events where all records were refused', async () => {
    const { otlp, destination } = await start({ encoding });
    otlp.refuseNext(1, 'no such index');
    expect(await destination.deliver([version('1')])).toEqual([
      { status: 'rejected', scope: 'event', code: 'records_refused', detail: '1 records refused: no such index' },
    ]);
  });

  it('hands on what a receiver says of a success', async () => {
    const { otlp, destination } = await start({ encoding });
    otlp.refuseNext(0, 'attributes were cut');
    expect(await destination.deliver([version('1')])).toEqual([
      { status: 'delivered', warning: 'attributes were cut' },
    ]);
  });

  it('cuts what is long, and divides what is more than a megabyte', async () => {
    const { otlp, destination } = await start({ encoding });
    const events = Array.from({ length: 12 }, (_, index) =>
      version(String(index), { message: '漢'.repeat(400_000), reason: 'x'.repeat(100_000) }),
    );

    const outcomes = await destination.deliver(events);

    expect(outcomes.every(({ status }) => status === 'delivered')).toBe(true);
    expect(otlp.requests.length).toBeGreaterThan(1);
    expect(idsOf(otlp.requests)).toHaveLength(12);
  });

  it('makes of no event a request that is refused', async () => {
    const { destination } = await start({ encoding });
    await fc.assert(
      fc.asyncProperty(hostileEvents(40), async (events) => {
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('refuses the destination where a header is missing', async () => {
    const { destination } = await start({ encoding }, {}, { 'api-key': 'key' });
    expect(await destination.deliver([version('1')])).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'http_401' },
    ]);
  });
});

describe('the otlp sink', () => {
  it('reads the message of an error that is a google.rpc.Status', async () => {
    const { otlp, destination } = await start({});
    const status = Buffer.from([0x08, 3, 0x12, 3, ...Buffer.from('bad')]);
    otlp.failNext({ status: 400, headers: { 'content-type': 'application/x-protobuf' }, body: status });
    expect(await destination.deliver([version('1')])).toMatchObject([
      { status: 'rejected', code: 'request_refused', detail: 'HTTP 400: bad' },
    ]);
  });

  it('does not take a login page for success, but an answer of no known form', async () => {
    const { otlp, destination } = await start({});
    otlp.failNext({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' });
    expect(await destination.deliver([version('1')])).toMatchObject([{ status: 'retry', code: 'unexpected_reply' }]);
    otlp.failNext({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' });
    expect(await destination.deliver([version('1')])).toMatchObject([
      { status: 'delivered', warning: 'the reply is not that of OTLP: HTTP 200' },
    ]);
  });

  it.each([
    ['Normal', 'Scheduled', 9],
    ['Warning', 'BackOff', 13],
    ['Error', 'OOMKilling', 21],
    ['toString', 'x', 13],
  ])('gives %s %s the severity number %i', (type, reason, wanted) => {
    const { resourceLogs } = logsRequest([version('1', { type, reason })], {});
    expect(resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.severityNumber).toBe(wanted);
  });
});

function idsOf(requests: Awaited<ReturnType<typeof startOtlp>>['requests']) {
  return requests
    .flatMap(({ resourceLogs }) => resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)
    .map(({ attributes }) => attributes.find(({ key }) => key === 'event.id')?.value)
    .map((value) => value && 'stringValue' in value && value.stringValue);
}
