import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { clusterEvent } from '../../../../functions/core/contract/event.ts';
import { MessageError, parseMessage, writeMessage } from '../../../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

const head = { v: 1, kind: 'event', cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;

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
    ['{"v":1,"kind":"events","cluster":"c","items":[]}', 'unsupported_version'],
    ['{"v":3,"kind":"events","cluster":"c","items":[]}', 'unsupported_version'],
    ['{"v":2,"kind":"events","cluster":"","items":[]}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":"c","destination":7,"event":{"metadata":{"uid":"u"}}}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":""}', 'invalid_message'],
    ['{"v":1,"kind":"other","cluster":"c"}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":"c","event":{}}', 'invalid_message'],
    ['{"v":1,"kind":"event","cluster":"c","event":{"metadata":{}}}', 'invalid_message'],
  ])('refuses %s as %s', (body, code) => {
    expect(() => parseMessage(body)).toThrow(expect.objectContaining({ name: 'MessageError', code }));
  });

  it('shows of an unknown version what fits into a line', () => {
    const body = JSON.stringify({ v: 'x'.repeat(100), kind: 'event' });
    expect(() => parseMessage(body)).toThrow(/^field v is x{40}, this build reads /);
  });

  it.each([{ v: 3 }, { v: {} }, {}])('names the version %j', ({ v }) => {
    const found = v === 3 ? '3' : typeof v;
    expect(() => parseMessage(JSON.stringify({ v, kind: 'event' }))).toThrow(`field v is ${found}, this build reads `);
  });

  it.each([
    ['added', 'added'],
    ['modified', 'modified'],
    ['listed', 'listed'],
    ['deleted', 'added'],
  ])('reads the change %s as %s', (change, expected) => {
    expect(parseMessage(JSON.stringify({ ...head, change, event: sampleKubeEvent }))).toMatchObject({
      change: expected,
    });
  });

  it('reads where an event goes, how often it was seen before, and what was shortened in it', () => {
    const told = { destination: 'log/a', previousCount: 3, shortened: ['message'] };
    expect(parseMessage(JSON.stringify({ ...head, event: sampleKubeEvent, ...told }))).toMatchObject(told);
  });

  it.each([
    [
      'heartbeat',
      { relay: { version: '1.0.0', installation: 'u', pods: 2 } },
      { relay: 7 },
      { relay: { version: '', installation: '' } },
    ],
    [
      'gap',
      { from: 'a', to: 'b', cause: 'restore', detail: 'c' },
      { cause: 'other' },
      { from: '', to: '', cause: 'expired' },
    ],
  ])('reads a %s, and what is odd in it as nothing', (kind, fields, odd, expected) => {
    const told = { v: 1, kind, cluster: 'prod', seenAt: '2026-11-23T08:00:00Z' };
    expect(parseMessage(JSON.stringify({ ...told, ...fields }))).toEqual({ ...told, ...fields });
    expect(parseMessage(JSON.stringify({ ...told, ...odd }))).toEqual({ ...told, ...expected });
  });

  it('throws nothing but a MessageError, whatever it is given', () => {
    const parse = (body: string): void => {
      try {
        const opened = openMessage(body);
        if (opened.kind === 'events') for (const event of opened.events) clusterEvent(event);
      } catch (error) {
        expect(error).toBeInstanceOf(MessageError);
      }
    };
    const item = {
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
    };
    const single = fc.record({ v: fc.constant(1), kind: fc.constant('event'), cluster: fc.string(), ...item });
    const envelope = fc.record({
      v: fc.constant(2),
      kind: fc.constant('events'),
      cluster: fc.string(),
      items: fc.oneof(fc.jsonValue(), fc.array(fc.oneof(fc.record(item), fc.jsonValue()))),
    });
    const nearly = fc.oneof(single, envelope);
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
