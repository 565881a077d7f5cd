import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMessage, type EventMessage } from '../../../functions/core/contract/message.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';
import {
  eventMessage,
  gapMessage,
  heartbeatMessage,
  MAX_BODY_BYTES,
  withContext,
} from '../../../relay/queue/message.ts';
import { shortenEvent } from '../../../relay/queue/shorten.ts';

const metadata = { name: 'n', uid: 'u', resourceVersion: '1' };

/** The message with an event of this text, cut to so many bytes. */
function cutTo(maxBytes: number, message: string): EventMessage {
  const { body } = eventMessage('c', 'added', { metadata, message }, undefined, Number.POSITIVE_INFINITY);
  const parsed = parseMessage(body);
  if (parsed.kind !== 'event') throw new Error(parsed.kind);
  return shortenEvent(parsed, maxBytes);
}

describe('the message of an event', () => {
  test('is the event, without its managed fields', () => {
    const event = { metadata: { ...metadata, managedFields: [{}] }, message: 'm' };
    expect(parseMessage(eventMessage('c', 'modified', event, 3).body)).toMatchObject({
      v: 1,
      kind: 'event',
      cluster: 'c',
      change: 'modified',
      previousCount: 3,
      event: { metadata, message: 'm' },
    });
    expect(eventMessage('c', 'added', event, undefined).body).not.toContain('managedFields');
    expect(eventMessage('c', 'added', event, undefined).body).not.toContain('previousCount');
  });

  test.each([
    ['Warning', 'warning'],
    ['Normal', 'normal'],
    [undefined, 'normal'],
  ])('of type %s travels with others of the lane %s', (type, lane) => {
    expect(eventMessage('c', 'added', { metadata, type }, undefined).lane).toBe(lane);
  });

  test.each([
    ['no object', 'text'],
    ['nothing', null],
    ['a list', [1]],
    ['full of other types', { uid: 7, name: {}, namespace: 3, managedFields: 1 }],
  ])('is one even if its metadata is %s', (_, odd) => {
    const { body, lane } = eventMessage('prod', 'added', { metadata: odd, reason: 'BackOff' }, undefined);
    expect(JSON.parse(body)).toMatchObject({ cluster: 'prod', event: { reason: 'BackOff' } });
    expect(lane).toBe('normal');
  });

  test('stays as it is up to its bound, and not beyond', () => {
    const bytesOf = (length: number, max?: number) =>
      Buffer.byteLength(eventMessage('c', 'added', { metadata, message: 'm'.repeat(length) }, undefined, max).body);
    const length = MAX_BODY_BYTES - bytesOf(0);
    const at = (extra: number): unknown =>
      JSON.parse(eventMessage('c', 'added', { metadata, message: 'm'.repeat(length + extra) }, undefined).body)
        .shortened;
    expect(at(0)).toBeUndefined();
    expect(at(1)).toEqual(['message']);
  });

  test('is measured in bytes, not in characters', () => {
    const { body } = eventMessage('c', 'added', { metadata, message: '事'.repeat(MAX_BODY_BYTES / 2) }, undefined);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(JSON.parse(body).shortened).toEqual(['message']);
  });
});

describe('a shortened message', () => {
  test('never exceeds its bound, and stays readable', () => {
    const huge = fc.record({
      message: fc.string({ unit: 'binary', maxLength: 50 }).map((text) => text.repeat(20_000)),
      reason: fc.string({ maxLength: 20 }).map((text) => text.repeat(5000)),
      annotations: fc.dictionary(
        fc.string(),
        fc.string({ maxLength: 1000 }).map((text) => text.repeat(30)),
        { maxKeys: 200 },
      ),
    });
    fc.assert(
      fc.property(huge, ({ message, reason, annotations }) => {
        const event = { metadata: { ...metadata, annotations }, message, reason, type: 'Warning' };
        const { body } = eventMessage('c', 'added', event, undefined);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        expect(body).not.toMatch(/[\ufffe\uffff]/);
        expect(JSON.parse(body).event.metadata).toMatchObject({ uid: 'u', resourceVersion: '1' });
      }),
      { numRuns: 30 },
    );
  });

  test('is never cut inside a character', () => {
    for (let maxBytes = 4000; maxBytes < 4008; maxBytes += 1) {
      for (const before of ['', 'x']) {
        const { event } = cutTo(maxBytes, before + '😀'.repeat(3000));
        expect(textOf(event.message).isWellFormed()).toBe(true);
        expect(event.message).toMatch(/^x?(😀)+… \[shortened\]$/u);
      }
    }
  });

  test.each(['\ufffe', '\uffff', '\ud800', '\u0000', '"', '😀'])('counts %j as it is written', (character) => {
    const { body } = eventMessage('c', 'added', { metadata, message: character.repeat(300_000) }, undefined);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_BODY_BYTES - 2000);
  });

  test('that cannot be as short as asked is as short as it can be', () => {
    const { event, shortened } = cutTo(100, 'm'.repeat(5000));
    expect(shortened).toEqual(['message', '*']);
    expect(event.metadata).toEqual(metadata);
  });

  test('keeps as much of its longest text as fits, and all of the others', () => {
    const { event, shortened } = cutTo(10_000, 'm'.repeat(50_000));
    expect(shortened).toEqual(['message']);
    expect(textOf(event.message).length).toBeGreaterThan(9000);
    expect(event.metadata).toEqual(metadata);
  });

  test('leaves texts up to a kibibyte as they are, and drops what else is long', () => {
    const cut = (chars: number) => {
      const texts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`text${i}`, 't'.repeat(chars)]));
      const event = { metadata, reason: 'BackOff', ...texts };
      const { body } = eventMessage('c', 'added', event, undefined, Number.POSITIVE_INFINITY);
      const parsed = parseMessage(body);
      return parsed.kind === 'event' ? shortenEvent(parsed, 15_000).shortened : undefined;
    };
    // In JSON, with quotes, they take two bytes more.
    expect(cut(1022)).toEqual(['*']);
    expect(cut(1023)).toContain('text0');
    expect(cut(1023)).not.toContain('*');
  });

  test('that keeps only what describes the event has no part of more than eight kibibytes', () => {
    const keeps = (bytes: number): boolean => {
      const series = [10, ...Array.from({ length: bytes / 2 - 2 }, () => 1)];
      expect(JSON.stringify(series)).toHaveLength(bytes);
      const event = { metadata, series, other: Array.from({ length: 200_000 }, () => 1) };
      return 'series' in JSON.parse(eventMessage('c', 'added', event, undefined).body).event;
    };
    expect([keeps(8192), keeps(8194)]).toEqual([true, false]);
  });

  test('is not cut at thousands of places one by one, which would hold up the relay: what describes the event is kept', () => {
    const ownerReferences = Array.from({ length: 1200 }, (_, i) => ({ uid: `u${i}`, name: 'n'.repeat(1100) }));
    const event = { metadata: { ...metadata, ownerReferences }, reason: 'BackOff', message: 'why' };
    const { event: kept, shortened } = JSON.parse(eventMessage('c', 'added', event, undefined).body);
    expect(kept).toEqual({ metadata, reason: 'BackOff', message: 'why' });
    expect(shortened).toContain('*');
    expect(shortened.length).toBeLessThan(20);
  });

  test('keeps as much as fits of a text whose characters differ in length', () => {
    const { event, shortened } = cutTo(100_000, '\u0000'.repeat(15_000) + 'm'.repeat(500_000));
    expect(shortened).toEqual(['message']);
    expect(textOf(event.message).length).toBeGreaterThan(15_000 + 9000);
  });

  test('of countless small fields keeps what identifies and describes the event', () => {
    const labels = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`label-${i}`, 'value of some length']));
    const event = {
      metadata: { ...metadata, labels },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'shop', labels },
      message: 'why',
      reason: 'BackOff',
    };
    const { event: kept, shortened } = JSON.parse(eventMessage('c', 'added', event, undefined).body);
    expect(shortened).toEqual(['*']);
    expect(kept).toEqual({
      metadata,
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'shop' },
      message: 'why',
      reason: 'BackOff',
    });
  });
});

describe('the context of an event', () => {
  test('is added to its message, beside the event, with what no queue takes escaped', () => {
    const message = eventMessage('c', 'added', { metadata }, 0);
    const context = { owner: { kind: 'Deployment', name: 'web' }, annotations: { note: 'a \uFFFE 事 😀' } };
    const { body, ...rest } = withContext(message, context);
    expect(JSON.parse(body)).toEqual({ ...JSON.parse(message.body), context });
    expect(body).toMatch(/^[^\uD800-\uDFFF\uFFFE\uFFFF]*$/);
    expect({ ...rest, body: message.body }).toEqual(message);
  });

  test('is added if there is room to the last byte', () => {
    const add = (length: number): string =>
      withContext(eventMessage('c', 'added', { metadata, message: 'm'.repeat(length) }, 0), { node: 'n' }).body;
    const most = MAX_BODY_BYTES - Buffer.byteLength(add(0));
    expect(Buffer.byteLength(add(most))).toBe(MAX_BODY_BYTES);
    expect(add(most + 1)).not.toContain('"context"');
  });

  test('that is empty, or for which there is no room, leaves the message as it is', () => {
    const message = eventMessage('c', 'added', { metadata, message: 'm'.repeat(MAX_BODY_BYTES) }, 0);
    expect(withContext(message, {})).toBe(message);
    expect(withContext(message, { node: 'n'.repeat(MAX_BODY_BYTES) })).toBe(message);
  });
});

test("the relay's own messages travel alone, and a detail of bounded length", () => {
  const gap = gapMessage('c', { from: 'a', to: 'b', cause: 'refused', detail: 'd'.repeat(1000) });
  expect(gap.lane).toBeUndefined();
  expect(parseMessage(gap.body)).toMatchObject({ kind: 'gap', from: 'a', to: 'b', cause: 'refused' });
  expect(JSON.parse(gap.body).detail).toHaveLength(500);
  const heartbeat = heartbeatMessage('c', { version: '1', installation: 'i' });
  expect(heartbeat.lane).toBeUndefined();
  expect(parseMessage(heartbeat.body)).toMatchObject({ kind: 'heartbeat', relay: { version: '1', installation: 'i' } });
});
