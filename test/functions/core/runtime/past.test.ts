import { describe, expect, it } from 'vitest';
import { isSentAnew, readPast, sentAnew } from '../../../../functions/core/runtime/past.ts';
import type { Outgoing } from '../../../../functions/core/runtime/queue.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const now = new Date('2026-11-23T08:00:00Z');
const since = '2026-11-23T07:00:00.000Z';

function again(delaySeconds: number, replays?: string): Outgoing {
  return sentAnew(
    { body: 'b', groupId: 'probe/a', replays },
    { carried: 3, retryingSince: since, delaySeconds, isHeld: false },
    now,
  );
}

describe('a message that is sent anew', () => {
  it('carries its attempts, since when it fails, and its replays', () => {
    expect(again(120, '2')).toEqual({
      body: 'b',
      groupId: 'probe/a',
      delaySeconds: 120,
      attributes: { attempts: '3', 'retrying-since': since, replays: '2' },
    });
  });

  it('says when it may be tried where SQS cannot delay it for so long', () => {
    expect(again(900).attributes).not.toHaveProperty('notBefore');
    expect(again(3600)).toMatchObject({
      delaySeconds: 900,
      attributes: { notBefore: '2026-11-23T09:00:00.000Z' },
    });
  });

  it('is read with the same past', () => {
    const { attributes = {} } = again(3600, '2');

    expect(readPast(sqsRecord('1', { receives: 2, attributes }))).toEqual({
      receives: 2,
      carried: 3,
      retryingSince: since,
      notBefore: Date.parse('2026-11-23T09:00:00Z'),
      replays: '2',
      isHeld: false,
    });
    expect([isSentAnew(attributes), isSentAnew({ replays: '1' })]).toEqual([true, false]);
  });
});

describe('a message that was held', () => {
  it('says so, and nothing of attempts where there were none', () => {
    const held = (retryingSince: string | undefined, carried: number) =>
      sentAnew(
        { body: 'b', groupId: 'probe/a', replays: undefined },
        { carried, retryingSince, delaySeconds: 60, isHeld: true },
        now,
      ).attributes ?? {};

    expect(held(undefined, 0)).toEqual({ held: 'true' });
    expect(held(since, 3)).toEqual({ attempts: '3', 'retrying-since': since, held: 'true' });
    expect(readPast(sqsRecord('1', { attributes: held(undefined, 0) }))).toMatchObject({ carried: 0, isHeld: true });
    expect(isSentAnew(held(undefined, 0))).toBe(true);
  });
});

describe('the past', () => {
  it('of a new message is empty', () => {
    expect(readPast(sqsRecord('1'))).toEqual({
      receives: 1,
      carried: 0,
      retryingSince: undefined,
      notBefore: 0,
      replays: undefined,
      isHeld: false,
    });
  });

  it('has one receive at least', () => {
    const receives = ['1', '7', '', 'x', '0', '-1'].map(
      (count) => readPast(sqsRecord('1', { receives: count })).receives,
    );
    expect(receives).toEqual([1, 7, 1, 1, 1, 1]);
  });

  it('of a letter that SQS has moved back begins anew', () => {
    const letter = { code: 'busy', attempts: '8', failedAt: since };
    expect(readPast(sqsRecord('1', { attributes: letter })).carried).toBe(0);
  });

  it.each([
    ['attempts', 'x'],
    ['attempts', '-4'],
    ['retrying-since', 'yesterday'],
    ['notBefore', 'never'],
  ])('that nobody can read is none: %s %s', (name, value) => {
    const attributes = { attempts: '0', 'retrying-since': since, [name]: value };
    expect(readPast(sqsRecord('1', { attributes }))).toMatchObject({ carried: 0, notBefore: 0 });
  });
});
