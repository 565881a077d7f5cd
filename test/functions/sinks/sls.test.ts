import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { encodeLog, encodeLogGroup } from '../../../functions/sinks/sls/log-group.ts';
import { authorization, sha256 } from '../../../functions/sinks/sls/signature.ts';
import { openDestination } from '../../support/live-destination.ts';
import { readLogGroup, startSls, type SlsOptions } from '../../support/vendors/sls.ts';

function version(resourceVersion: string, fields: Parameters<typeof sampleEvent>[0] = {}) {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}

describe('the log group', () => {
  it('says what was put in, whatever texts hold', () => {
    const text = fc.string({ unit: 'binary' });
    const log = fc.record({
      timeMs: fc.integer({ min: 0, max: 0xffff_ffff * 1000 }),
      contents: fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key.toWellFormed() }),
    });
    fc.assert(
      fc.property(fc.array(log, { minLength: 1 }), text, (logs, topic) => {
        const read = readLogGroup(encodeLogGroup(logs.map(encodeLog), topic));

        expect(read).toEqual(
          logs.map(({ timeMs, contents }) => ({
            time: Math.floor(timeMs / 1000),
            timeNs: (timeMs % 1000) * 1_000_000,
            topic: topic.toWellFormed(),
            contents: Object.fromEntries(contents.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()])),
          })),
        );
      }),
    );
  });

  it('holds a time beyond 32 bits as the last one there is', () => {
    const [log] = readLogGroup(encodeLogGroup([encodeLog({ timeMs: Date.UTC(2199, 0), contents: [] })], ''));
    expect(log?.time).toBe(0xffff_ffff);
  });
});

describe('the signature', () => {
  it("is that of the vendor's own example", () => {
    const header = authorization(
      {
        method: 'POST',
        path: '/logstores',
        headers: {
          'x-log-date': '20220808T032330Z',
          'x-log-content-sha256': sha256('adasd= -asd zcas'),
        },
        bodySha256: sha256('adasd= -asd zcas'),
      },
      { id: 'acsddda21dsd', secret: 'zxasdasdasw2', region: 'cn-shanghai' },
    );
    expect(header).toBe(
      'SLS4-HMAC-SHA256 Credential=acsddda21dsd/20220808/cn-shanghai/sls/aliyun_v4_request,' +
        'Signature=8a10a5e723cb2e75964816de660b2c16a58af8bc0261f7f0722d832468c76ce8',
    );
  });
});

describe('the sls sink', () => {
  const started: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of started.splice(0)) await stop();
  });

  const NOW = new Date('2026-11-23T08:00:00Z');
  const account = { accessKeyId: 'LTAI5tRight', accessKeySecret: 'right-secret' };

  async function start(server: Partial<SlsOptions> = {}, options: object = {}, secrets: object = {}) {
    const sls = await startSls({ ...account, region: 'cn-hangzhou', logstore: 'k8s-event', now: () => NOW, ...server });
    const destination = await openDestination('sls', {
      options: { project: 'p', region: 'cn-hangzhou', logstore: 'k8s-event', endpoint: sls.url, ...options },
      secrets: { ...account, ...secrets },
    });
    started.push(
      () => sls.stop(),
      () => destination.close(),
    );
    return { sls, deliver: (events: readonly ClusterEvent[]) => destination.deliver(events, { now: NOW }) };
  }

  it('puts logs with the time of the event, its fields, and an id to find duplicates by', async () => {
    const { sls, deliver } = await start({}, { topic: 'kubernetes', fields: { env: 'prod' } });
    const event = version('1', { message: '"quotes" \n 🔥 \uD800', lastTimestamp: '2026-11-23T07:59:30.250Z' });

    const outcomes = await deliver([event, version('2')]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', 'delivered']);
    expect(sls.groups).toEqual([2]);
    expect(sls.logs[0]).toMatchObject({ time: Date.UTC(2026, 10, 23, 7, 59, 30) / 1000, timeNs: 250_000_000 });
    expect(sls.logs[0]).toMatchObject({
      topic: 'kubernetes',
      contents: { id: event.id, message: '"quotes" \n 🔥 \uFFFD', env: 'prod', name: 'api-7d9f', count: '1' },
    });
  });

  it('writes the fields of kube-eventer', async () => {
    const { sls, deliver } = await start({}, { format: 'kube-eventer' });

    await deliver([version('1')]);

    const { eventId, ...others } = sls.logs[0]?.contents ?? {};
    expect(JSON.parse(eventId ?? '')).toEqual({
      ...sampleKubeEvent,
      metadata: { ...sampleKubeEvent.metadata, resourceVersion: '1' },
    });
    expect(others).toMatchObject({ hostname: 'node-1', level: 'Warning', pod_name: 'api-7d9f' });
  });

  it('signs temporary credentials', async () => {
    const { sls, deliver } = await start({ securityToken: 'CAIS' }, {}, { securityToken: 'CAIS' });
    expect(await deliver([version('1')])).toEqual([{ status: 'delivered' }]);
    expect(sls.logs).toHaveLength(1);
  });

  it('keeps to the limits of a value and a group', async () => {
    const { sls, deliver } = await start();
    const events = Array.from({ length: 12 }, (_, index) => version(String(index), { message: '漢'.repeat(400_000) }));

    const outcomes = await deliver(events);

    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(sls.groups).toEqual([4, 4, 4]);
  });

  it('puts what is too old with the time of its arrival, beside the rest and in one request', async () => {
    const { sls, deliver } = await start();
    const at = ['2026-11-16T08:30:00Z', '2026-11-16T09:30:00Z', '2026-11-23T08:09:00Z'];

    const outcomes = await deliver(at.map((lastTimestamp, index) => version(String(index), { lastTimestamp })));

    const warning = expect.stringMatching(/older than the seven days/);
    expect(outcomes).toEqual([{ status: 'delivered', warning }, { status: 'delivered' }, { status: 'delivered' }]);
    expect(sls.groups).toEqual([3]);
    expect(sls.logs.map(({ time }) => new Date(time * 1000))).toEqual([
      NOW,
      ...at.slice(1).map((time) => new Date(time)),
    ]);
    expect(sls.logs[0]?.contents['lastSeen']).toBe('2026-11-16T08:30:00.000Z');
  });

  it('keeps what is ahead of the time until it is due, and sends nothing where that is all', async () => {
    const { sls, deliver } = await start();
    const ahead = version('1', { lastTimestamp: '2026-11-23T08:40:00Z' });
    const waiting = {
      status: 'retry',
      code: 'too_new',
      detail: 'its time is 2026-11-23T08:40:00.000Z',
      afterMs: 30 * 60_000,
    };

    expect(await deliver([ahead])).toEqual([waiting]);
    expect(sls.groups).toEqual([]);
    expect(await deliver([ahead, version('2')])).toEqual([waiting, { status: 'delivered' }]);
    expect(sls.groups).toEqual([1]);
  });

  it('puts the good logs of a group that is refused for one', async () => {
    const { sls, deliver } = await start({ poison: 'bad' });
    const events = ['good', 'bad', 'good', 'good', 'good'].map((message, index) => version(String(index), { message }));

    const outcomes = await deliver(events);

    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'delivered',
      'rejected',
      'delivered',
      'delivered',
      'delivered',
    ]);
    expect(outcomes[1]).toMatchObject({ code: 'log_rejected', scope: 'event' });
    expect(sls.logs).toHaveLength(4);
  });

  it('halves a group that is too large for the server', async () => {
    const { sls, deliver } = await start({ maxRawBytes: 10_000 });
    const events = Array.from({ length: 4 }, (_, index) => version(String(index), { message: 'x'.repeat(4000) }));

    const outcomes = await deliver([...events, version('5', { message: 'x'.repeat(20_000) })]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual([...events.map(() => 'delivered'), 'rejected']);
    expect(outcomes.at(-1)).toMatchObject({ code: 'too_large' });
    expect(sls.logs).toHaveLength(4);
  });

  it.each<[string, Partial<SlsOptions>, object]>([
    ['the quota is used up', { quota: 0 }, { status: 'retry', code: 'quota_exceeded' }],
    [
      'the secret is wrong',
      { accessKeySecret: 'other' },
      { status: 'rejected', scope: 'destination', code: 'wrong_credentials' },
    ],
    [
      'the key is unknown',
      { accessKeyId: 'other' },
      { status: 'rejected', scope: 'destination', code: 'wrong_credentials' },
    ],
    [
      'the region is wrong',
      { region: 'cn-beijing' },
      { status: 'rejected', scope: 'destination', code: 'wrong_credentials' },
    ],
    [
      'the logstore is missing',
      { logstore: 'other' },
      { status: 'rejected', scope: 'destination', code: 'logstore_not_found' },
    ],
    ['the clocks differ', { now: () => new Date(NOW.getTime() - 3_600_000) }, { status: 'retry', code: 'clock_skew' }],
  ])('says that %s', async (_what, server, expected) => {
    const { deliver } = await start(server);
    expect(await deliver([version('1')])).toEqual([expect.objectContaining(expected)]);
  });
});
