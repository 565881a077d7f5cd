import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { anyText } from '../../support/any-text.ts';
import { AwsError } from '../../support/aws/server.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import type { AwsVendor } from '../../support/vendors/aws.ts';
import { startCloudWatchLogs } from '../../support/vendors/cloudwatch-logs.ts';
import { startEventBridge } from '../../support/vendors/eventbridge.ts';
import { startFirehose } from '../../support/vendors/firehose.ts';
import { startKinesis } from '../../support/vendors/kinesis.ts';
import { startSns } from '../../support/vendors/sns.ts';
import { startSqs } from '../../support/vendors/sqs.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const arn = (service: string, resource: string): string => `arn:aws:${service}:ap-southeast-2:123456789012:${resource}`;
const topicArn = arn('sns', 'events');
const queueArn = arn('sqs', 'events');
const busArn = arn('events', 'event-bus/events');
const group = '/kubernetes/events';

const services = [
  { type: 'sns', signedFor: 'sns', options: { topicArn }, start: () => startSns(topicArn) },
  {
    type: 'sns',
    signedFor: 'sns',
    options: { topicArn: `${topicArn}.fifo` },
    start: () => startSns(`${topicArn}.fifo`),
  },
  { type: 'sqs', signedFor: 'sqs', options: { queueArn }, start: () => startSqs('123456789012', 'events') },
  {
    type: 'sqs',
    signedFor: 'sqs',
    options: { queueArn: `${queueArn}.fifo` },
    start: () => startSqs('123456789012', 'events.fifo'),
  },
  { type: 'eventbridge', signedFor: 'events', options: { busArn }, start: () => startEventBridge(busArn) },
  {
    type: 'kinesis',
    signedFor: 'kinesis',
    options: { streamArn: arn('kinesis', 'stream/events') },
    start: () => startKinesis(arn('kinesis', 'stream/events')),
  },
  {
    type: 'firehose',
    signedFor: 'firehose',
    options: { streamArn: arn('firehose', 'deliverystream/events') },
    start: () => startFirehose('events'),
  },
  {
    type: 'firehose',
    signedFor: 'firehose',
    options: { streamArn: arn('firehose', 'deliverystream/events'), eventsPerRecord: 1 },
    start: () => startFirehose('events'),
  },
  {
    type: 'cloudwatch-logs',
    signedFor: 'logs',
    options: { logGroupArn: arn('logs', `log-group:${group}`) },
    start: () => startCloudWatchLogs(group, () => NOW.getTime()),
  },
];

describe.each(services)('the $type sink, $options', ({ type, options, signedFor, start }) => {
  let vendor: AwsVendor;
  let destination: LiveDestination;
  beforeAll(async () => {
    vendor = await start();
    destination = await openDestination(type, { options: { ...options, endpoint: vendor.endpoint } });
  });
  afterAll(async () => {
    await destination.close();
    await vendor.stop();
  });

  const sent = (from: number): readonly string[] =>
    vendor.texts
      .slice(from)
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => textOf(recordOf(JSON.parse(line))['id']));

  it('delivers every event once, signed for the region of the ARN, with what the relay knows', async () => {
    const events = Array.from({ length: 25 }, (_, index) => numbered(index));
    const before = vendor.texts.length;

    const outcomes = await destination.deliver(events, { now: NOW });

    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['delivered']));
    expect(sent(before).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    expect(new Set(vendor.server.signedFor(vendor.operation))).toEqual(new Set([`ap-southeast-2/${signedFor}`]));
    const [text = ''] = vendor.texts.slice(before);
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
      owner: { kind: 'Deployment', name: 'api' },
      node: 'node-1',
      object: { labels: { app: 'api' } },
      namespace: { labels: { team: 'payments' } },
    });
  });

  it('is never refused, whatever events hold, and keeps what it cuts marked', async () => {
    const text = fc.oneof(
      anyText(60),
      fc.constantFrom('', '\uFFFE\uFFFF\u0000\uD800', 'x'.repeat(2 ** 20), '漢\u0001'.repeat(150_000)),
    );
    const short = anyText(60);
    const event = fc.record({
      message: text,
      reason: short,
      type: short,
      lastTimestamp: fc
        .integer({ min: NOW.getTime() - 13 * 86_400_000, max: NOW.getTime() })
        .map((time) => new Date(time).toISOString()),
      involvedObject: fc.record({ kind: short, namespace: short, name: short }),
      source: fc.record({ component: short, host: short }),
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), async (list) => {
        const events = list.map((fields) => numbered((number += 1), fields));
        const before = vendor.texts.length;
        const outcomes = await destination.deliver(events, { now: NOW });
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
        expect(sent(before).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
        for (const line of vendor.texts.slice(before).flatMap((each) => each.trim().split('\n'))) {
          const { message, shortened } = JSON.parse(line);
          expect(message.isWellFormed()).toBe(true);
          if (shortened?.includes('message')) expect(message).toMatch(/…$/);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['AccessDeniedException', 'no', 403, { status: 'rejected', scope: 'destination', code: 'access_denied' }],
    ['ThrottlingException', 'Rate exceeded', 400, { status: 'retry', code: 'throttled' }],
    ['ServiceUnavailable', 'later', 503, { status: 'retry', code: 'unavailable' }],
    ['SomethingNew', 'what', 500, { status: 'retry', code: 'unavailable' }],
    ['SomethingNew', 'what', 400, { status: 'retry', code: 'unexpected_reply' }],
    ['SignatureDoesNotMatch', 'no', 403, { status: 'rejected', scope: 'destination', code: 'credentials_refused' }],
    ['KMSThrottlingException', 'slow', 400, { status: 'retry', code: 'throttled' }],
    ['KMS.ThrottlingException', 'slow', 400, { status: 'retry', code: 'throttled' }],
    ['KmsThrottled', 'slow', 400, { status: 'retry', code: 'throttled' }],
    ['KMS.DependencyTimeoutException', 'later', 400, { status: 'retry', code: 'unavailable' }],
    ['KMS.KMSInternalException', 'later', 400, { status: 'retry', code: 'unavailable' }],
    ['KMSAccessDeniedException', 'what', 500, { status: 'retry', code: 'unavailable' }],
    ['KMS.NotFoundException', 'no', 400, { status: 'rejected', scope: 'destination', code: 'key_unusable' }],
    ['KMSInvalidStateException', 'no', 400, { status: 'rejected', scope: 'destination', code: 'key_unusable' }],
    ['KMSDisabledException', 'off', 400, { status: 'rejected', scope: 'destination', code: 'key_unusable' }],
    [
      'ValidationException',
      "Value 'secret of a pod' at 'x' failed",
      400,
      {
        status: 'rejected',
        scope: 'event',
        code: 'event_refused',
        detail: "ValidationException: Value  at 'x' failed",
      },
    ],
    [
      'InvalidParameterValueException',
      'TopicArn is invalid',
      400,
      { status: 'rejected', scope: 'destination', code: 'target_unusable' },
    ],
  ])('has the right outcome for %s (%s)', async (name, message, status, outcome) => {
    const before = vendor.server.answer(vendor.operation, () => {
      throw new AwsError(name, message, status);
    });
    const outcomes = await destination.deliver([numbered(1), numbered(2)], { now: NOW });
    vendor.server.answer(vendor.operation, before);
    expect(outcomes).toEqual([expect.objectContaining(outcome), expect.objectContaining(outcome)]);
  });

  it("shows nothing of the function's credentials that the service repeats", async () => {
    const before = vendor.server.answer(vendor.operation, () => {
      throw new AwsError('SignatureDoesNotMatch', 'should have been aws-secret-key-of-the-suite', 403);
    });
    const outcomes = await destination.deliver([numbered(1)], { now: NOW });
    vendor.server.answer(vendor.operation, before);
    expect(outcomes).toEqual([expect.objectContaining({ detail: 'SignatureDoesNotMatch: should have been [secret]' })]);
  });

  if (type !== 'cloudwatch-logs')
    it('tries again only the events that were not taken', async () => {
      const events = [0, 1, 2, 3].map((index) => numbered(index));
      vendor.refuse((text) => text.includes('/1002"'), 'InternalFailure');
      const outcomes = await destination.deliver(events, { now: NOW });
      vendor.refuse(() => false, '');
      const packed = type === 'firehose' && !('eventsPerRecord' in options);
      expect(outcomes.map(({ status }) => status)).toEqual(
        packed ? ['retry', 'retry', 'retry', 'retry'] : ['delivered', 'delivered', 'retry', 'delivered'],
      );
    });
});

describe.each(services)('the $type sink, $options, at a server that is none', ({ type, options }) => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  // To CloudWatch Logs an empty answer is a success: there is nothing that it would have to say.
  const empty = type === 'cloudwatch-logs' ? 'answers a text' : 'answers nothing';
  const nothing = type === 'cloudwatch-logs' ? 'ok' : '';
  it.each([
    ['answers a page', () => ({ status: 200, body: '<html>Sign in</html>' }), ['unexpected_reply']],
    [empty, () => ({ status: 200, body: nothing }), ['unexpected_reply']],
    ['breaks off', () => 'break' as const, ['connection_lost', 'connection_failed']],
  ])('retries where it %s', async (_, respond, codes) => {
    const server = await startHttpServer(respond);
    const destination = await openDestination(type, { options: { ...options, endpoint: server.url } });
    stops.push(
      () => destination.close(),
      () => server.stop(),
    );

    const [outcome] = await destination.deliver([numbered(1)], { now: NOW });

    expect(outcome).toMatchObject({ status: 'retry' });
    expect(codes).toContain(outcome && 'code' in outcome ? outcome.code : '');
  });
});

test('what happens to one object has one group in a FIFO topic, and a repeat the id of the first', async () => {
  const vendor = await startSns(`${topicArn}.fifo`);
  const options = { topicArn: `${topicArn}.fifo`, endpoint: vendor.endpoint };
  const destination = await openDestination('sns', { options });
  const long = { ...sampleKubeEvent.involvedObject, name: 'x'.repeat(253) };
  await destination.deliver([numbered(1), numbered(2), numbered(1), numbered(3, { involvedObject: long })]);
  await destination.close();
  await vendor.stop();

  const [first, second, repeat, other] = vendor.extras;
  expect(first?.['MessageGroupId']).toBe('prod/payments/Pod/api-7d9f');
  expect(second?.['MessageGroupId']).toBe(first?.['MessageGroupId']);
  expect(second?.['MessageDeduplicationId']).not.toBe(first?.['MessageDeduplicationId']);
  expect(repeat?.['MessageDeduplicationId']).toBe(first?.['MessageDeduplicationId']);
  expect(other?.['MessageGroupId']).toMatch(/^[\w-]{43}$/);
});

test('the attributes of a message are what subscriptions filter by, without empty ones', async () => {
  const vendor = await startSqs('123456789012', 'events');
  const destination = await openDestination('sqs', { options: { queueArn, endpoint: vendor.endpoint } });
  await destination.deliver([
    sampleEventIn({ owner: { kind: 'Deployment', name: 'api' } }),
    sampleEvent({ reason: '', involvedObject: { kind: 'Node', name: 'n' } }),
  ]);
  await destination.close();
  await vendor.stop();

  const names = vendor.extras.map((entry) => Object.keys(recordOf(entry['MessageAttributes'])));
  expect(names).toEqual([
    ['event-id', 'cluster', 'namespace', 'kind', 'name', 'type', 'severity', 'reason', 'owner-kind', 'owner-name'],
    ['event-id', 'cluster', 'kind', 'name', 'type', 'severity'],
  ]);
});

test('a bus that does not exist is noticed before it loses an event, and asked for once', async () => {
  const vendor = await startEventBridge(busArn);
  const missing = await openDestination('eventbridge', {
    options: { busArn: `${busArn}2`, endpoint: vendor.endpoint },
  });
  const there = await openDestination('eventbridge', { options: { busArn, endpoint: vendor.endpoint } });

  expect(await missing.deliver([numbered(1)])).toEqual([
    expect.objectContaining({ status: 'rejected', scope: 'destination', code: 'target_unusable' }),
  ]);
  expect(vendor.server.asked('PutEvents')).toHaveLength(0);
  const asked = vendor.server.asked('DescribeEventBus').length;
  await there.deliver([numbered(1)]);
  await there.deliver([numbered(2)]);
  expect(vendor.server.asked('DescribeEventBus')).toHaveLength(asked + 1);

  vendor.server.answer('DescribeEventBus', () => {
    throw new AwsError('AccessDeniedException', 'no', 403);
  });
  const unseen = await openDestination('eventbridge', { options: { busArn, endpoint: vendor.endpoint } });
  expect(await unseen.deliver([numbered(3)])).toEqual([{ status: 'delivered' }]);
  expect(await unseen.deliver([numbered(4)])).toEqual([{ status: 'delivered' }]);
  expect(vendor.server.asked('DescribeEventBus')).toHaveLength(asked + 2);
  await unseen.close();
  await missing.close();
  await there.close();
  await vendor.stop();
});

test('Firehose gets many events in a record of 64 KB', async () => {
  const vendor = await startFirehose('events');
  const options = { streamArn: arn('firehose', 'deliverystream/events'), endpoint: vendor.endpoint };
  const destination = await openDestination('firehose', { options });
  await destination.deliver(Array.from({ length: 500 }, (_, index) => numbered(index)));
  await destination.close();
  await vendor.stop();

  expect(vendor.batches).toHaveLength(1);
  for (const text of vendor.texts.slice(0, -1)) expect(Buffer.byteLength(text)).toBeGreaterThan(60_000);
  for (const text of vendor.texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
});

test('CloudWatch Logs gets each cluster in a log stream, days apart, and says what is too old or ahead of its time', async () => {
  const vendor = await startCloudWatchLogs(group, () => NOW.getTime());
  const options = { logGroupArn: arn('logs', `log-group:${group}`), endpoint: vendor.endpoint };
  const destination = await openDestination('cloudwatch-logs', { options });
  const at = ['2026-11-23T07:00:00Z', '2026-11-20T07:00:00Z', '2026-10-20T07:00:00Z', '2026-11-23T11:00:00Z'];
  const events = at.map((lastTimestamp, index) => numbered(index, { lastTimestamp }));

  const outcomes = await destination.deliver([...events, { ...numbered(9), cluster: 'a:b*' }], { now: NOW });
  await destination.close();
  await vendor.stop();

  expect(outcomes).toEqual([
    { status: 'delivered' },
    { status: 'delivered' },
    { status: 'rejected', scope: 'event', code: 'too_old', detail: 'its time is 2026-10-20T07:00:00.000Z' },
    // An hour before it is due, by the two hours that AWS takes ahead.
    { status: 'retry', code: 'too_new', detail: 'its time is 2026-11-23T11:00:00.000Z', afterMs: 3_600_000 },
    { status: 'delivered' },
  ]);
  expect(new Set(vendor.extras.map(({ stream }) => stream))).toEqual(
    new Set(['kube-courier/prod', 'kube-courier/a_b_']),
  );
});

function numbered(index: number, fields: KubeEvent = {}): ClusterEvent {
  return sampleEventIn(
    {
      owner: { kind: 'Deployment', name: 'api' },
      node: 'node-1',
      labels: { app: 'api' },
      namespaceLabels: { team: 'payments' },
    },
    { ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(1000 + index) } },
  );
}
