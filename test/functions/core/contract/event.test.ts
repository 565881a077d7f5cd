import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clusterEvent,
  eventCount,
  isKubeEvent,
  MessageError,
  parseMessage,
  writeMessage,
  type EventMessage,
  type KubeEvent,
} from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

const head = { v: 1, kind: 'event', cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;

function view(event: KubeEvent, more: Partial<EventMessage> = {}) {
  return clusterEvent({ ...head, event: { metadata: { uid: 'u', resourceVersion: '7' }, ...event }, ...more });
}

describe('parseMessage', () => {
  it('reads what the relay writes, and ignores fields it does not know', () => {
    const context = { owner: { kind: 'Deployment', name: 'api' }, future: true };
    const message = { ...head, event: sampleKubeEvent, context, future: true };
    expect(parseMessage(JSON.stringify(message))).toEqual(message);
  });

  it('leaves out what does not hold what it should', () => {
    const message = { ...head, event: sampleKubeEvent };
    const odd = { ...message, change: 7, seenAt: null, previousCount: '4', shortened: 'message', context: 'none' };

    expect(parseMessage(JSON.stringify(odd))).toEqual({ ...message, seenAt: '' });
  });

  it.each([
    ['not json', 'invalid_message'],
    ['[]', 'invalid_message'],
    ['{"v":2,"kind":"event"}', 'unsupported_version'],
    ['{"kind":"event"}', 'unsupported_version'],
    ['{"v":1,"kind":"event","cluster":""}', 'invalid_message'],
    ['{"v":1,"kind":"other","cluster":"c"}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":"c","event":{}}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":"c","event":{"metadata":{}}}', 'invalid_message'],
  ])('refuses %s as %s', (body, code) => {
    expect(() => parseMessage(body)).toThrow(expect.objectContaining({ name: 'MessageError', code }));
  });

  it('throws nothing but a MessageError, whatever it is given', () => {
    const parse = (body: string): void => {
      try {
        const message = parseMessage(body);
        if (message.kind === 'event') clusterEvent(message);
      } catch (error) {
        expect(error).toBeInstanceOf(MessageError);
      }
    };
    const nearly = fc.record({
      v: fc.constant(1),
      kind: fc.constant('event'),
      cluster: fc.string(),
      seenAt: fc.jsonValue(),
      change: fc.jsonValue(),
      event: fc.record({
        metadata: fc.record({ uid: fc.string() }),
        count: fc.jsonValue(),
        series: fc.jsonValue(),
        involvedObject: fc.jsonValue(),
        source: fc.jsonValue(),
        lastTimestamp: fc.jsonValue(),
      }),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          nearly.map((value) => JSON.stringify(value)),
        ),
        parse,
      ),
    );
  });
});

it('writeMessage gives a body in the characters of SQS that reads back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const message = parseMessage(JSON.stringify({ ...head, event: { ...sampleKubeEvent, message: text } }));
      const body = writeMessage(message);
      expect(body).toMatch(/^[\x20-\uD7FF\uE000-\uFFFD]*$/);
      expect(parseMessage(body)).toEqual(message);
    }),
  );
});

describe('clusterEvent', () => {
  it('reads an event of events.k8s.io/v1 by its own names', () => {
    const event = view({
      regarding: { kind: 'Node', name: 'node-1' },
      note: 'Node is ready',
      reportingController: 'kubelet',
      deprecatedCount: 4,
      deprecatedLastTimestamp: '2026-11-23T07:00:00Z',
      deprecatedSource: { host: 'node-1' },
    });
    expect(event).toMatchObject({
      message: 'Node is ready',
      count: 4,
      lastSeen: '2026-11-23T07:00:00.000Z',
      object: { kind: 'Node', namespace: '' },
      source: { component: 'kubelet', host: 'node-1' },
    });
  });

  it('takes the last occurrence from the series before all else', () => {
    const series = { count: 9, lastObservedTime: '2026-11-23T07:30:00.123456Z' };
    const event = view({ series, count: 2, lastTimestamp: '2026-11-23T07:00:00Z' });
    expect(event.lastSeen).toBe('2026-11-23T07:30:00.123Z');
    expect(event.count).toBe(9);
  });

  it('falls back over null and absurd timestamps to when the relay saw it', () => {
    const absent = { lastTimestamp: null, firstTimestamp: null, eventTime: null };
    expect(view(absent).lastSeen).toBe('2026-11-23T08:00:00.000Z');
    for (const absurd of ['0001-01-01T00:00:00Z', 'yesterday', '', '9999-12-31T00:00:00Z', '2026-13-45T99:00:00Z']) {
      const event = view({ lastTimestamp: absurd, eventTime: '2026-11-23T06:00:00.000001Z' });
      expect(event.lastSeen).toBe('2026-11-23T06:00:00.000Z');
    }
  });

  it('is identified by cluster, uid and version, and by its name where there is no uid', () => {
    expect(view({}).id).toBe('prod/u/7');
    expect(view({ metadata: { name: 'n', namespace: 'ns' } }).id).toBe('prod/ns/n/0');
  });

  it.each([
    ['added', 5, undefined, 0],
    ['listed', 5, undefined, 0],
    ['modified', 5, undefined, 1],
    ['modified', 1, undefined, 1],
    ['added', 5, 0, 0],
    ['modified', 5, 2, 2],
  ] as const)('takes a previous count for %s at %i, told %s, as %i', (change, count, previousCount, expected) => {
    const told = previousCount === undefined ? {} : { previousCount };
    expect(view({ count }, { change, ...told }).previousCount).toBe(expected);
  });

  it('counts at least one', () => {
    expect(eventCount({})).toBe(1);
    expect(eventCount({ count: 0, series: null })).toBe(1);
    expect(eventCount({ count: -3 })).toBe(1);
  });
});

it('isKubeEvent wants something to identify the event by', () => {
  expect(isKubeEvent(sampleEvent().raw)).toBe(true);
  expect(isKubeEvent({ metadata: { uid: 7 } })).toBe(false);
  expect(isKubeEvent(null)).toBe(false);
});
