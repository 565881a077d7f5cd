import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../relay/queue/backlog.ts';
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
  expect(settle(entry('{}'), { status: 'accepted' }, 10, 0)).toEqual({ kind: 'accepted' });
});

describe('sent again as it is', () => {
  test('after a fault that passes', () => {
    const fate = settle(entry('{}', { attempts: 3 }), { status: 'retry', code: 'InternalError' }, 10, 0);
    expect(fate).toMatchObject({ kind: 'again', code: 'InternalError', entry: { attempts: 4, isolated: false } });
  });

  test('where the answer says nothing about it', () => {
    expect(settle(entry('{}'), undefined, 10, 0)).toMatchObject({ kind: 'again', code: 'no_result' });
  });

  test.each([2, 10])('but by itself, if it was refused as one of %i', (entries) => {
    for (const result of [REFUSED, TOO_LONG]) {
      const fate = settle(entry(long.body), result, entries, 0);
      expect(fate).toMatchObject({ kind: 'again', entry: { isolated: true, message: { body: long.body } } });
    }
  });
});

/** What is sent in place of an entry that was refused twice, with an acceptance between. */
function substituteOf(event: Entry) {
  const suspect = settle(event, REFUSED, 1, 7);
  if (suspect.kind !== 'suspect') throw new Error(suspect.kind);
  const fate = settle(suspect.entry, REFUSED, 1, 8);
  if (fate.kind !== 'again') throw new Error(fate.kind);
  return { fate, substitute: fate.entry };
}

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

  test('it shows nothing yet, however often, while the queue accepts nothing else', () => {
    const fate = settle(event, REFUSED, 1, 7);
    if (fate.kind !== 'suspect') throw new Error(fate.kind);
    expect(fate).toMatchObject({ code: 'InvalidMessageContents' });
    expect(fate.entry).toMatchObject({ message: event.message, isolated: true, attempts: 3, refusedAfter: 7 });
    expect(settle(fate.entry, REFUSED, 1, 7)).toMatchObject({ kind: 'suspect', entry: { refusedAfter: 7 } });
  });

  test('and again after the queue has accepted something else, its substitute is sent', () => {
    const { fate, substitute } = substituteOf(event);
    expect(fate.code).toBe('InvalidMessageContents');
    expect(JSON.parse(substitute.message.body)).toMatchObject({ kind: 'gap', detail: 'InvalidMessageContents why' });
    expect(substitute).toMatchObject({
      bytes: Buffer.byteLength(substitute.message.body),
      isolated: true,
      attempts: 4,
    });
    expect(substitute.standsFor).toMatchObject({ sent, entry: { message: event.message, bytes: event.bytes } });
  });

  test('and so is its substitute: it is the queue that is at fault, and the message waits as it was', () => {
    for (const result of [REFUSED, TOO_LONG]) {
      const fate = settle(substituteOf(event).substitute, result, 1, 9);
      if (fate.kind !== 'waits') throw new Error(fate.kind);
      expect(fate.reason).toMatch(/^the queue refuses every message \(/);
      expect(fate.entry).toMatchObject({ message: event.message, bytes: event.bytes, standsFor: undefined });
      expect(settle(fate.entry, REFUSED, 1, 9)).toMatchObject({ kind: 'suspect' });
    }
  });

  test('a substitute that met a fault that passes is sent again as the substitute', () => {
    const { substitute } = substituteOf(event);
    expect(settle(substitute, { status: 'retry', code: 'x' }, 1, 9)).toMatchObject({
      kind: 'again',
      entry: { message: substitute.message, standsFor: { sent } },
    });
  });

  test("a message of the relay's own waits at once", () => {
    expect(settle(entry(gap.body, { message: gap }), REFUSED, 1, 0)).toMatchObject({
      kind: 'waits',
      reason: 'the queue refuses every message (InvalidMessageContents: why)',
      entry: { message: gap },
    });
  });
});

describe('too long by itself', () => {
  test('an event is cut, and its bytes are those of its new form', () => {
    const fate = settle(entry(long.body, { message: long }), TOO_LONG, 1, 0);
    if (fate.kind !== 'again') throw new Error(fate.kind);
    const { message, bytes } = fate.entry;
    expect(message.lane).toBe('normal');
    expect(Buffer.byteLength(message.body)).toBeLessThanOrEqual(32 * 1024);
    expect(bytes).toBe(Buffer.byteLength(message.body));
    expect(JSON.parse(message.body)).toMatchObject({ shortened: ['message'], event: { metadata: { uid: 'u' } } });

    expect(settle(fate.entry, TOO_LONG, 1, 0)).toMatchObject({ kind: 'waits', code: 'too-long' });
  });

  test('an event that was cut for the larger bound is cut once more', () => {
    const huge = eventMessage('test', 'added', { metadata: { uid: 'u' }, message: 'm'.repeat(400_000) }, undefined);
    expect(JSON.parse(huge.body).shortened).toEqual(['message']);
    expect(settle(entry(huge.body, { message: huge }), TOO_LONG, 1, 0)).toMatchObject({ kind: 'again' });
  });

  test("a message of the relay's own waits, with its length as the reason", () => {
    const gap = gapMessage('test', { from: 'a', to: 'b', cause: 'expired' });
    expect(settle(entry(gap.body, { message: gap }), TOO_LONG, 1, 0)).toMatchObject({
      kind: 'waits',
      reason: `the queue refuses every message (too-long: ${Buffer.byteLength(gap.body)} bytes)`,
    });
  });
});
