import { afterEach, describe, expect, it } from 'vitest';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { cloudEvent } from '../../../functions/sinks/alibaba-eventbridge/cloud-event.ts';
import { putEventsOutcomes } from '../../../functions/sinks/alibaba-eventbridge/reply.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startAlibabaEventbridge, type AlibabaEventbridgeOptions } from '../../support/vendors/alibaba-eventbridge.ts';

const account = { accessKeyId: 'LTAI5tRight', accessKeySecret: 'right-secret' };
const options = { accountId: '1234567890123456', region: 'cn-hangzhou', eventBus: 'default', source: 'acs.cs' };

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

async function start(server: Partial<AlibabaEventbridgeOptions> = {}, secrets: object = {}) {
  const eventbridge = await startAlibabaEventbridge({ ...account, eventBus: 'default', ...server });
  const destination = await openDestination('alibaba-eventbridge', {
    options: { ...options, endpoint: eventbridge.url },
    secrets: { ...account, ...secrets },
  });
  started.push(
    () => eventbridge.stop(),
    () => destination.close(),
  );
  return { eventbridge, destination };
}

function version(resourceVersion: string, fields: Parameters<typeof sampleEvent>[0] = {}) {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}

function rendered(fields: Parameters<typeof sampleEvent>[0]) {
  return JSON.parse(cloudEvent(version('1', fields), { ...options, clusterId: 'c1' }));
}

describe('the alibaba-eventbridge sink', () => {
  it('puts events with an id that stays the same', async () => {
    const { eventbridge, destination } = await start();
    const events = [version('1'), version('2', { message: '"quotes" \n 🔥 \uD800' })];

    const outcomes = [...(await destination.deliver(events)), ...(await destination.deliver(events.toReversed()))];

    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(new Set(eventbridge.events.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
    expect(eventbridge.events[1]?.data).toMatchObject({ message: '"quotes" \n 🔥 \uFFFD' });
  });

  it('keeps to 16 events, 256 KB and 64 KB', async () => {
    const { eventbridge, destination } = await start();
    const small = Array.from({ length: 40 }, (_, index) => version(String(index)));
    const large = Array.from({ length: 9 }, (_, index) => version(`9${index}`, { message: '漢'.repeat(19_000) }));
    const huge = [
      version('997', { message: '\u0001'.repeat(300_000) }),
      version('998', { message: '', note: '漢'.repeat(90_000) }),
      version('999', { message: '\u0001"漢'.repeat(300_000) }),
    ];

    const outcomes = await destination.deliver([...small, ...large, ...huge]);

    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(eventbridge.events).toHaveLength(52);
    expect(Math.max(...eventbridge.requests)).toBe(16);
    expect(eventbridge.requests.length).toBeGreaterThan(4);
  });

  it('sends only the failed events again', async () => {
    const { eventbridge, destination } = await start({ failOnce: 'unlucky' });
    const events = [version('1'), version('2', { message: 'unlucky' }), version('3')];

    const first = await destination.deliver(events);
    const retried = events.filter((_, index) => first[index]?.status === 'retry');
    const second = await destination.deliver(retried);

    expect(first.map((outcome) => outcome.status)).toEqual(['delivered', 'retry', 'delivered']);
    expect(second).toEqual([{ status: 'delivered' }]);
    expect(eventbridge.events.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id));
  });

  it('signs temporary credentials', async () => {
    const { destination } = await start({ securityToken: 'CAIS' }, { securityToken: 'CAIS' });
    expect(await destination.deliver([version('1')])).toEqual([{ status: 'delivered' }]);
  });

  it.each<[string, Partial<AlibabaEventbridgeOptions>, object]>([
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
      'the STS token is missing',
      { securityToken: 'CAIS' },
      { status: 'rejected', scope: 'destination', code: 'wrong_credentials' },
    ],
    ['the bus is missing', { eventBus: 'other' }, { status: 'rejected', scope: 'destination', code: 'bus_not_found' }],
    ['there were too many requests', { quota: 0 }, { status: 'retry', code: 'throttled' }],
  ])('says that %s', async (_what, server, expected) => {
    const { destination } = await start(server);
    expect(await destination.deliver([version('1')])).toEqual([expect.objectContaining(expected)]);
  });
});

describe('a refusal', () => {
  const outcomes = (status: number, body: object) =>
    putEventsOutcomes({ status, headers: {}, body: JSON.stringify(body) }, 2, new Date(0));

  it.each([
    [400, { code: 'InvalidArgument', message: 'id' }],
    [400, { code: 'SomethingNew', message: 'id' }],
    [413, { code: 'SomethingNew', message: 'id' }],
    [200, { code: 'DataTooLarge', message: 'id' }],
  ])('of the request, HTTP %i %j, may be for one of its events', (status, body) => {
    expect(outcomes(status, body)).toEqual({
      status: 'split',
      code: 'event_rejected',
      detail: `HTTP ${status} ${body.code}: id`,
    });
  });

  it('of an entry is for its event', () => {
    const EntryList = [{ ErrorCode: null }, { ErrorCode: 'InvalidArgument', ErrorMessage: 'id' }];
    expect(outcomes(200, { FailedEntryCount: 1, EntryList })).toMatchObject([
      { status: 'delivered' },
      { status: 'rejected', scope: 'event', code: 'event_rejected' },
    ]);
  });
});

describe('a CloudEvent', () => {
  it.each([
    ['Pod', 'cs:k8s:PodRelatedEvent'],
    ['', 'cs:k8s:UnknownTypeEvent'],
    [`${'VeryLongCustomResource'.repeat(4)}`, `cs:k8s:${'VeryLongCustomResource'.repeat(4).slice(0, 45)}RelatedEvent`],
  ])('about %j has the type %s', (kind, type) => {
    expect(rendered({ involvedObject: { kind } }).type).toBe(type);
    expect(type.length).toBeLessThanOrEqual(64);
  });

  it.each([
    [{ apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'b' }, '/apis/v1/namespaces/a/pods/b'],
    [{ apiVersion: 'apps/v1', kind: 'Ingress', namespace: 'a', name: 'b' }, '/apis/apps/v1/namespaces/a/ingresses/b'],
    [
      { apiVersion: 'example.com', kind: 'Policy', name: 'b' },
      '/apis/example.com/versionUnknown/namespaces//policies/b',
    ],
    [{ apiVersion: 'v1', kind: 'Endpoints', namespace: 'a', name: 'b' }, '/apis/v1/namespaces/a/endpoints/b'],
  ])('about %j has the subject %s', (involvedObject, place) => {
    expect(rendered({ involvedObject }).subject).toBe(`acs:cs:cn-hangzhou:1234567890123456:c1${place}`);
  });
});
