import { describe, expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { clusterEvent, type KubeEvent } from '../../../../functions/core/contract/event.ts';
import { delivered, rejected, retry } from '../../../../functions/core/contract/outcome.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import type { Ended } from '../../../../functions/core/runtime/account.ts';
import { createLog } from '../../../../functions/core/runtime/log.ts';
import { createMetrics } from '../../../../functions/core/runtime/metrics.ts';
import type { Delay, Outgoing } from '../../../../functions/core/runtime/queue.ts';
import { openRecord, type Item } from '../../../../functions/core/runtime/record.ts';
import { createSettlement } from '../../../../functions/core/runtime/settlement.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const { signal } = new AbortController();
const now = new Date('2026-11-23T08:00:00Z');

interface ItemOptions {
  readonly receives?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A record of one event, told apart by its version. */
function item(id: string, how: ItemOptions = {}): Item {
  const [read] = openRecord(sqsRecord(id, { body: bodyOf(id), ...how }), 'probe');
  if (!read) throw new Error('there is no item');
  return read;
}

function eventOf(version: string, fields: KubeEvent = {}): KubeEvent {
  return { ...sampleKubeEvent, metadata: { ...sampleKubeEvent.metadata, resourceVersion: version }, ...fields };
}

function bodyOf(version: string, fields: KubeEvent = {}): string {
  const head = { v: 1, kind: 'event', cluster: 'prod', destination: 'probe/a' };
  return JSON.stringify({ ...head, seenAt: '2026-11-23T07:59:31Z', change: 'added', event: eventOf(version, fields) });
}

/** The items of an envelope of events of these versions. */
function envelope(versions: readonly string[], how: Omit<ItemOptions, 'body'> = {}): readonly Item[] {
  const items = versions.map((version) => {
    return { seenAt: '2026-11-23T07:59:31Z', change: 'added', event: eventOf(version) };
  });
  const body = JSON.stringify({ v: 2, kind: 'events', cluster: 'prod', destination: 'probe/a', items });
  return openRecord(sqsRecord('envelope', { body, ...how }), 'probe');
}

/** The versions of the events in a message. */
function versionsIn(body: string): readonly string[] {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events.map((message) => clusterEvent(message).resourceVersion) : [];
}

/** The attributes of a message after so many attempts, the first of them an hour ago. */
function tried(attempts: number): Readonly<Record<string, string>> {
  return { attempts: String(attempts), 'retrying-since': '2026-11-23T07:00:00.000Z' };
}

/** Settles what has ended so; `refuses` are the bodies that no queue takes, or only this one. */
async function settle(
  ends: readonly (readonly [Item, Ended['end']])[],
  refuses: readonly string[] = [],
  refusing?: string,
) {
  const logged: Record<string, unknown>[] = [];
  const metricLines: Record<string, unknown>[] = [];
  const letters: Outgoing[] = [];
  const sentAnew: Outgoing[] = [];
  const delays: Delay[] = [];
  const metrics = createMetrics(
    (line) => metricLines.push(JSON.parse(line)),
    () => now,
    'destination',
  );
  const settling = createSettlement({
    type: 'probe',
    queueUrl: 'own',
    letterQueueUrl: 'letters',
    maxEvents: undefined,
    maxReceives: 4,
    baseSeconds: 30,
    queues: {
      async send(queueUrl, messages, given) {
        expect(given).toBe(signal);
        (queueUrl === 'letters' ? letters : sentAnew).push(...messages);
        return messages.map(({ body }) => !refuses.includes(body) || (refusing ?? queueUrl) !== queueUrl);
      },
      async delay(queueUrl, all, given) {
        expect([queueUrl, given]).toEqual(['own', signal]);
        delays.push(...all);
      },
      remove: async () => {},
    },
    metrics,
    log: createLog((line) => {
      const { time: _, ...rest } = JSON.parse(line);
      logged.push(rest);
    }, {}),
    now: () => now,
    random: () => 0.5,
  });
  const returned = await settling(
    ends.map(([each, end]) => ({ item: each, end })),
    signal,
  );
  metrics.flush();
  const metric = (name: string) => metricLines.find((line) => name in line)?.[name];
  return { returned, sentAnew, delays, letters, logged, metricLines, metric };
}

const busy = retry('busy', 'come back later');

describe('an event that was delivered', () => {
  it('is done, and its latency is counted in milliseconds since it last happened', async () => {
    const { returned, metric, metricLines, logged } = await settle([[item('1'), delivered]]);

    expect(returned).toEqual([]);
    expect([metric('Delivered'), metric('DeliveryLatency')]).toEqual([1, 30_000]);
    expect(metricLines[0]).toMatchObject({ Sink: 'probe', Destination: 'a' });
    expect(logged).toEqual([]);
  });

  it('before it happened, by the clocks, has no negative latency', async () => {
    const body = bodyOf('1', { lastTimestamp: '2026-11-23T08:00:05Z' });
    const { metric } = await settle([[item('1', { body }), delivered]]);

    expect(metric('DeliveryLatency')).toBe(0);
  });

  it('with a warning is told once for all events of a message', async () => {
    const warning = { ...delivered, warning: 'not to carol' };
    const { logged } = await settle([
      [item('1'), warning],
      [item('2'), warning],
      [item('3'), delivered],
    ]);

    expect(logged).toEqual([
      { level: 'warn', message: 'delivered, with a warning', destination: 'probe/a', detail: 'not to carol' },
    ]);
  });
});

it('an event that was filtered is done, and counted with its cause', async () => {
  const { returned, metricLines, letters } = await settle([[item('1'), { status: 'filtered', cause: 'disabled' }]]);

  expect([returned, letters]).toEqual([[], []]);
  expect(metricLines).toMatchObject([{ Filtered: 1, cause: 'disabled', Sink: 'probe', Destination: 'a' }]);
});

describe('an event that was rejected', () => {
  it('becomes a letter with its reason, its attempts and its replays', async () => {
    const { returned, letters, logged, metric } = await settle([
      [item('1', { receives: 2, attributes: { ...tried(1), replays: '3' } }), rejected('event', 'too_odd', 'no')],
    ]);

    expect(returned).toEqual([]);
    expect(letters).toEqual([
      {
        body: bodyOf('1'),
        groupId: 'probe/a',
        attributes: {
          code: 'too_odd',
          detail: 'no',
          destination: 'probe/a',
          attempts: '3',
          failedAt: '2026-11-23T08:00:00.000Z',
          replays: '3',
        },
      },
    ]);
    expect(metric('Rejected')).toBe(1);
    expect(logged).toEqual([
      {
        level: 'warn',
        message: 'an event was rejected',
        event: sampleEvent(eventOf('1')).id,
        destination: 'probe/a',
        code: 'too_odd',
        detail: 'no',
        attempts: 3,
      },
    ]);
  });

  it('returns, and is not said to be rejected, while its letter cannot be written', async () => {
    const { returned, delays, logged, metric } = await settle(
      [
        [item('1'), rejected('event', 'too_odd', 'no')],
        [item('2'), rejected('event', 'too_odd', 'no')],
      ],
      [bodyOf('2')],
    );

    expect(returned).toEqual(['2']);
    expect(delays).toEqual([expect.objectContaining({ receiptHandle: 'handle-2', seconds: 30 })]);
    expect([metric('Rejected'), metric('Retried')]).toEqual([1, 1]);
    expect(logged.map(({ message }) => message)).toEqual(['an event was rejected', 'an event is to be retried']);
  });

  it('because it could not be read is logged without an id, and counted for its sink alone', async () => {
    const { logged, letters, metricLines } = await settle([
      [item('1', { body: 'x' }), rejected('event', 'invalid_message', 'the body is not JSON')],
    ]);

    expect(letters).toHaveLength(1);
    expect(logged[0]).not.toHaveProperty('event');
    expect(metricLines).toMatchObject([{ Rejected: 1, Sink: 'probe' }]);
    expect(metricLines[0]).not.toHaveProperty('Destination');
  });
});

describe('an event that is to be retried', () => {
  it('is sent anew with its attempts, for the time the service asked for, else for one that grows with them', async () => {
    const { returned, sentAnew, letters, metric } = await settle([
      [item('1', { attributes: { ...tried(2), replays: '1' } }), retry('busy', '', { afterMs: 120_000 })],
      [item('2'), busy],
      [item('3', { attributes: tried(2) }), busy],
    ]);

    expect([returned, letters]).toEqual([[], []]);
    expect(sentAnew).toEqual([
      { body: bodyOf('1'), groupId: 'probe/a', delaySeconds: 126, attributes: { ...tried(3), replays: '1' } },
      {
        body: bodyOf('2'),
        groupId: 'probe/a',
        delaySeconds: 30,
        attributes: { attempts: '1', 'retrying-since': '2026-11-23T08:00:00.000Z' },
      },
      { body: bodyOf('3'), groupId: 'probe/a', delaySeconds: 120, attributes: tried(3) },
    ]);
    expect([metric('Retried'), metric('RetryAge')]).toEqual([3, 3600]);
  });

  it('carries no receive on that may never have reached the function', async () => {
    const { sentAnew, logged } = await settle([[item('1', { receives: 3 }), busy]]);

    expect(sentAnew[0]?.attributes).toMatchObject({ attempts: '1' });
    expect(logged[0]).toMatchObject({ attempts: 3 });
  });

  it('keeps its record, hidden for as long, if it could not be sent', async () => {
    const { returned, delays } = await settle(
      [
        [item('1'), busy],
        [item('2'), retry('busy', '', { afterMs: 3_600_000 })],
      ],
      [bodyOf('2')],
    );

    expect(returned).toEqual(['2']);
    expect(delays).toEqual([expect.objectContaining({ receiptHandle: 'handle-2', seconds: 3780 })]);
  });

  it('is a warning from its third attempt on', async () => {
    const { logged } = await settle([0, 1, 2].map((attempts) => [item('1', { attributes: tried(attempts) }), busy]));

    expect(logged.map(({ level, message, attempts }) => [level, message, attempts])).toEqual([
      ['info', 'an event is to be retried', 1],
      ['info', 'an event is to be retried', 2],
      ['warn', 'an event is to be retried', 3],
    ]);
  });

  it('is given up, and said to be, on its last permitted attempt', async () => {
    const { returned, sentAnew, letters, logged, metric } = await settle([
      [item('1', { attributes: tried(3) }), busy],
      [item('2', { receives: 9 }), busy],
    ]);

    expect([returned, sentAnew]).toEqual([[], []]);
    expect(letters.map(({ attributes }) => attributes?.['attempts'])).toEqual(['4', '9']);
    expect([metric('Rejected'), metric('Retried')]).toEqual([2, undefined]);
    expect(logged[0]).toMatchObject({
      level: 'warn',
      message: 'an event was given up',
      code: 'busy',
      detail: 'come back later',
      attempts: 4,
    });
  });

  it('is not said to be given up while its letter cannot be written', async () => {
    const { returned, logged } = await settle([[item('1', { receives: 4 }), busy]], [bodyOf('1')]);

    expect(returned).toEqual(['1']);
    expect(logged.map(({ level, message }) => [level, message])).toEqual([['warn', 'an event is to be retried']]);
  });
});

it('an event that came before its time is sent on without an attempt', async () => {
  const attributes = { ...tried(3), notBefore: '2026-11-23T08:20:00.000Z', replays: '1' };
  const { returned, sentAnew, logged, metricLines } = await settle([
    [
      item('1', { receives: 2, attributes }),
      { status: 'postponed', until: Date.parse(attributes.notBefore), isHeld: false },
    ],
  ]);

  expect(returned).toEqual([]);
  expect(sentAnew).toEqual([{ body: bodyOf('1'), groupId: 'probe/a', delaySeconds: 900, attributes }]);
  expect([logged, metricLines]).toEqual([[], []]);
});

describe('events of an envelope', () => {
  const [first, second, third, fourth] = envelope(['1', '2', '3', '4']);
  const all = (ends: readonly Ended['end'][]) =>
    [first, second, third, fourth].flatMap((each, index) => {
      const end = ends[index];
      return each && end ? [[each, end] as const] : [];
    });

  it('have each a fate of its own, and a letter of its own', async () => {
    const { returned, letters, sentAnew, metric } = await settle(
      all([delivered, rejected('event', 'too_odd', 'no'), busy, busy]),
    );

    expect(returned).toEqual([]);
    expect(letters.map(({ body }) => body)).toEqual([bodyOf('2')]);
    expect(sentAnew.map(({ body }) => versionsIn(body))).toEqual([['3', '4']]);
    expect([metric('Delivered'), metric('Rejected'), metric('Retried')]).toEqual([1, 1, 2]);
  });

  it('go back together where code and delay are alike, each of the messages after a time of its own', async () => {
    const { sentAnew } = await settle([
      ...all([busy, retry('busy', '', { afterMs: 60_000 }), retry('other', ''), busy]),
      [item('5'), busy],
      [item('6', { attributes: tried(1) }), busy],
    ]);

    expect(sentAnew.map(({ body }) => versionsIn(body))).toEqual([['1', '4', '5'], ['2'], ['3'], ['6']]);
    expect(sentAnew.map(({ delaySeconds }) => delaySeconds)).toEqual([30, 63, 30, 60]);
  });

  it('are not repeated for a letter that cannot be written: it is tried again alone', async () => {
    const { returned, sentAnew } = await settle(
      all([delivered, rejected('event', 'too_odd', 'no'), delivered, delivered]),
      [bodyOf('2')],
      'letters',
    );

    expect(returned).toEqual([]);
    expect(sentAnew).toEqual([
      {
        body: bodyOf('2'),
        groupId: 'probe/a',
        delaySeconds: 30,
        attributes: expect.objectContaining({ attempts: '1' }),
      },
    ]);
  });

  it('keep their record, once, where they cannot be sent anew', async () => {
    const { returned, delays } = await settle(
      all([delivered, retry('other', '', { afterMs: 60_000 }), delivered, busy]),
      [bodyOf('2'), bodyOf('4')],
    );

    expect(returned).toEqual(['envelope']);
    expect(delays).toEqual([{ receiptHandle: 'handle-envelope', seconds: 30 }]);
  });
});
