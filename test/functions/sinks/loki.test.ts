import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { nanosecondsOf } from '../../../functions/sinks/loki/entry.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startLoki, type LokiOptions } from '../../support/vendors/loki.ts';

const NOW = new Date('2026-11-23T08:00:00Z');

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

async function start(server: Partial<LokiOptions> = {}, options: object = {}, secrets: Record<string, string> = {}) {
  const loki = await startLoki({ now: () => NOW, ...server });
  const destination = await openDestination('loki', { options: { endpoint: loki.url, ...options }, secrets });
  started.push(
    () => loki.stop(),
    () => destination.close(),
  );
  return { loki, destination };
}

function version(resourceVersion: string, fields: KubeEvent = {}) {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}

describe('the loki sink', () => {
  it('stores an event once, however often it is sent', async () => {
    const { loki, destination } = await start();
    const events = Array.from({ length: 50 }, (_, index) => version(String(index)));

    await destination.deliver(events);
    const outcomes = await destination.deliver(events);

    expect(outcomes.every(({ status }) => status === 'delivered')).toBe(true);
    expect(loki.entries().map(({ metadata }) => metadata['event_id'])).toEqual(events.map(({ id }) => id));
    expect(loki.pushes).toHaveLength(2);
  });

  it('keeps events of one millisecond apart and in their order', () => {
    const times = ['999998', '999999'].map((each) => BigInt(nanosecondsOf(version(each))));
    expect(times).toEqual([1795420770000999998n, 1795420770000999999n]);
    const opaque = ['a', 'b'].map((each) => nanosecondsOf(version(each)));
    expect(new Set(opaque).size).toBe(2);
    expect(nanosecondsOf(version('a'))).toBe(opaque[0]);
  });

  it('gives no label to what has many values', async () => {
    const { loki, destination } = await start();
    const named = Array.from({ length: 20 }, (_, index) =>
      version(String(index), { involvedObject: { ...sampleKubeEvent.involvedObject, name: `pod-${index}` } }),
    );

    await destination.deliver(named);

    expect(new Set(loki.entries().map(({ labels }) => JSON.stringify(labels)))).toEqual(
      new Set([
        JSON.stringify({ service_name: 'kube-courier', cluster: 'prod', namespace: 'payments', type: 'Warning' }),
      ]),
    );
  });

  it.each([
    ['too_old', { lastTimestamp: '2026-11-01T00:00:00Z' }],
    ['too_new', { lastTimestamp: '2026-11-23T09:00:00Z' }],
    ['too_far_behind', { lastTimestamp: '2026-11-23T05:00:00Z' }],
  ])('rejects %s alone, and stores the others once', async (code, fields) => {
    const { loki, destination } = await start();
    const others = Array.from({ length: 7 }, (_, index) => version(String(index)));
    await destination.deliver([version('100')], { now: NOW });

    const outcomes = await destination.deliver([...others, version('101', fields)], { now: NOW });

    expect(outcomes.slice(0, 7).every(({ status }) => status === 'delivered')).toBe(true);
    expect(outcomes[7]).toMatchObject({ status: 'rejected', scope: 'event', code });
    expect(loki.entries()).toHaveLength(8);
  });

  it.each([
    ['tenant_missing', { tenant: 'platform' }],
    ['http_401', { authorization: 'Basic b3RoZXI6cGFzcw==' }],
    ['metadata_not_allowed', { allowStructuredMetadata: false }],
    ['labels_refused', { maxLabels: 3 }],
  ])('refuses the destination: %s', async (code, server) => {
    const { destination } = await start(server);
    const outcomes = await destination.deliver([version('1'), version('2')]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', scope: 'destination', code });
  });

  it('delivers with a tenant, a login and without metadata', async () => {
    const { loki, destination } = await start(
      { tenant: 'platform', authorization: 'Basic Y291cmllcjpwYXNz', allowStructuredMetadata: false },
      {
        tenant: 'platform',
        username: 'courier',
        structuredMetadata: false,
        line: '${ event.reason }: ${ event.message }',
      },
      { password: 'pass' },
    );

    await destination.deliver([version('1')]);

    expect(loki.entries()).toMatchObject([{ line: 'BackOff: Back-off restarting failed container api', metadata: {} }]);
  });

  it.each([
    ['line_too_long', { maxLineBytes: 10 }],
    ['metadata_refused', { maxMetadataBytes: 10 }],
    ['stream_limit', { maxStreams: 0 }],
  ])('says that a limit of the tenant is lower than the default: %s', async (code, server) => {
    const { destination } = await start(server);
    expect(await destination.deliver([version('1')])).toMatchObject([{ code }]);
  });

  it('waits as long as a gateway says', async () => {
    const { loki, destination } = await start();
    loki.failNext({ status: 429, headers: { 'retry-after': '7' }, body: 'Ingestion rate limit exceeded for user x' });
    expect(await destination.deliver([version('1')])).toMatchObject([
      { status: 'retry', code: 'rate_limited', afterMs: 7000 },
    ]);
  });

  it('takes no text of a stranger for what Loki says', async () => {
    const { loki, destination } = await start({}, { eventLabels: ['reason'] });
    loki.failNext({
      status: 400,
      body: `entry for stream '{reason="no org id \\" no org id"}' has timestamp too old: x`,
    });
    expect(await destination.deliver([version('1')])).toMatchObject([{ scope: 'event', code: 'too_old' }]);
  });

  it('cuts a line and metadata, and divides what is more than a megabyte', async () => {
    const { loki, destination } = await start();
    const events = Array.from({ length: 12 }, (_, index) =>
      version(String(index), { message: '漢'.repeat(400_000), reason: 'x'.repeat(100_000) }),
    );

    const outcomes = await destination.deliver(events);

    expect(outcomes.every(({ status }) => status === 'delivered')).toBe(true);
    expect(loki.pushes.length).toBeGreaterThan(1);
    for (const { line, metadata } of loki.entries()) {
      expect(line.endsWith('…')).toBe(true);
      expect(metadata['reason']?.endsWith('…')).toBe(true);
    }
  });

  it('makes of no event a push that is refused', async () => {
    const { destination } = await start(
      { maxStreams: Infinity },
      { eventLabels: ['severity', 'kind', 'reason', 'component'] },
    );
    await fc.assert(
      fc.asyncProperty(hostileEvents(40), async (events) => {
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
