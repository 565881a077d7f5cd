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

test('refused by itself, it is refused for good', () => {
  expect(settle(entry('{}'), REFUSED, 1)).toMatchObject({
    kind: 'refused',
    code: 'InvalidMessageContents',
    detail: 'why',
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

    expect(settle(fate.entry, TOO_LONG, 1)).toMatchObject({ kind: 'refused', code: 'too-long' });
  });

  test('an event that was cut for the larger bound is cut once more', () => {
    const huge = eventMessage('test', 'added', { metadata: { uid: 'u' }, message: 'm'.repeat(400_000) }, undefined);
    expect(JSON.parse(huge.body).shortened).toEqual(['message']);
    expect(settle(entry(huge.body, { message: huge }), TOO_LONG, 1)).toMatchObject({ kind: 'again' });
  });

  test('a message of the relay itself is refused for good', () => {
    const gap = gapMessage('test', { from: 'a', to: 'b', cause: 'expired' });
    expect(settle(entry(gap.body, { message: gap }), TOO_LONG, 1)).toMatchObject({ kind: 'refused', code: 'too-long' });
  });
});
