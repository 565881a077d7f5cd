import { describe, expect, test } from 'vitest';
import { eventMessage, gapMessage } from '../../../relay/queue/message.ts';
import { settle } from '../../../relay/queue/settle.ts';
import { entry } from '../../support/queue-entry.ts';

const REFUSED = { status: 'refused', code: 'InvalidMessageContents', detail: 'why' } as const;
const TOO_LONG = { status: 'too-long' } as const;

const long = eventMessage(
  'test',
  'added',
  { metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, message: 'm'.repeat(100_000) },
  undefined,
);

test('what the queue accepted is done with, whatever else the call carried', () => {
  expect(settle(entry('{}'), { status: 'accepted' }, 10)).toEqual({ kind: 'accepted' });
});

describe('sent again as it is', () => {
  test('after a fault that passes', () => {
    const fate = settle(entry('{}', { attempts: 3 }), { status: 'retry', code: 'InternalError' }, 10);
    expect(fate).toMatchObject({ kind: 'again', code: 'InternalError', entry: { attempts: 4, isolated: false } });
  });

  test('where the answer says nothing about it', () => {
    expect(settle(entry('{}'), undefined, 10)).toMatchObject({ kind: 'again', code: 'no_result' });
  });

  test.each([2, 10])('but by itself, if it was refused as one of %i', (entries) => {
    for (const result of [REFUSED, TOO_LONG]) {
      const fate = settle(entry(long.body), result, entries);
      expect(fate).toMatchObject({ kind: 'again', entry: { isolated: true, message: { body: long.body } } });
    }
  });
});

describe('refused by itself', () => {
  const gap = gapMessage('test', { from: 'a', to: 'b', cause: 'refused' });
  const sent = (): void => {};
  const event = entry('{"an":"event"}', {
    attempts: 2,
    refused: (code, detail) => ({
      message: gapMessage('test', { from: 'a', to: 'b', cause: 'refused', detail: `${code} ${detail}` }),
      sent,
    }),
  });

  test('its substitute is sent, to show whose fault that is', () => {
    const fate = settle(event, REFUSED, 1);
    if (fate.kind !== 'again') throw new Error(fate.kind);
    expect(fate).toMatchObject({ code: 'InvalidMessageContents', entry: { isolated: true, attempts: 3 } });
    expect(JSON.parse(fate.entry.message.body)).toMatchObject({ kind: 'gap', detail: 'InvalidMessageContents why' });
    expect(fate.entry.bytes).toBe(Buffer.byteLength(fate.entry.message.body));
    expect(fate.entry.standsFor).toMatchObject({ sent, entry: { message: event.message, attempts: 3 } });
  });

  test('and so is its substitute: it is the queue that is at fault, and the message waits as it was', () => {
    const again = settle(event, REFUSED, 1);
    if (again.kind !== 'again') throw new Error(again.kind);
    for (const result of [REFUSED, TOO_LONG]) {
      const fate = settle(again.entry, result, 1);
      if (fate.kind !== 'waits') throw new Error(fate.kind);
      expect(fate.reason).toMatch(/^the queue refuses every message \(/);
      expect(fate.entry).toMatchObject({ message: event.message, bytes: event.bytes, standsFor: undefined });
    }
  });

  test('a substitute that met a fault that passes is sent again as the substitute', () => {
    const again = settle(event, REFUSED, 1);
    if (again.kind !== 'again') throw new Error(again.kind);
    expect(settle(again.entry, { status: 'retry', code: 'x' }, 1)).toMatchObject({
      kind: 'again',
      entry: { message: again.entry.message, standsFor: { sent } },
    });
  });

  test("a message of the relay's own waits at once", () => {
    expect(settle(entry(gap.body, { message: gap }), REFUSED, 1)).toMatchObject({
      kind: 'waits',
      reason: 'the queue refuses every message (InvalidMessageContents: why)',
      entry: { message: gap },
    });
  });
});

describe('too long by itself', () => {
  test('an event is cut, and its bytes are those of its new form', () => {
    const fate = settle(entry(long.body, { message: long }), TOO_LONG, 1);
    if (fate.kind !== 'again') throw new Error(fate.kind);
    const { message, bytes } = fate.entry;
    expect(message.group).toBe(long.group);
    expect(Buffer.byteLength(message.body)).toBeLessThanOrEqual(32 * 1024);
    expect(bytes).toBe(Buffer.byteLength(message.body));
    expect(JSON.parse(message.body)).toMatchObject({ shortened: ['message'], event: { metadata: { uid: 'u' } } });

    expect(settle(fate.entry, TOO_LONG, 1)).toMatchObject({ kind: 'waits', code: 'too-long' });
  });

  test('an event that was cut for the larger bound is cut once more', () => {
    const huge = eventMessage('test', 'added', { metadata: { uid: 'u' }, message: 'm'.repeat(400_000) }, undefined);
    expect(JSON.parse(huge.body).shortened).toEqual(['message']);
    expect(settle(entry(huge.body, { message: huge }), TOO_LONG, 1)).toMatchObject({ kind: 'again' });
  });

  test("a message of the relay's own waits, with its length as the reason", () => {
    const gap = gapMessage('test', { from: 'a', to: 'b', cause: 'expired' });
    expect(settle(entry(gap.body, { message: gap }), TOO_LONG, 1)).toMatchObject({
      kind: 'waits',
      reason: `the queue refuses every message (too-long: ${Buffer.byteLength(gap.body)} bytes)`,
    });
  });
});
