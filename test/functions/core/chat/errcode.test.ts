import { describe, expect, it } from 'vitest';
import { classifyErrcode, type ErrcodeMeaning } from '../../../../functions/core/chat/errcode.ts';
import { delivered, rejected, retry, split } from '../../../../functions/core/contract/outcome.ts';

const meanings: Readonly<Record<number, ErrcodeMeaning>> = {
  1: { status: 'split', code: 'content_blocked' },
  2: { status: 'rejected', code: 'token_invalid' },
  3: { status: 'retry', code: 'throttled', afterMs: 60_000 },
  4: { status: 'retry', code: 'system_busy' },
};

function outcome(body: unknown, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classifyErrcode({ status, headers: {}, body: text }, new Date(0), (errcode) => meanings[errcode]);
}

describe('an errcode', () => {
  it.each([
    [{ errcode: 0, errmsg: 'ok' }, delivered],
    // A digest is refused for the text of one event in it.
    [{ errcode: 1, errmsg: 'blocked' }, split('content_blocked', 'errcode 1: blocked')],
    [{ errcode: 2, errmsg: 'no token' }, rejected('destination', 'token_invalid', 'errcode 2: no token')],
    [{ errcode: 3, errmsg: 'slow down' }, retry('throttled', 'errcode 3: slow down', { afterMs: 60_000 })],
    [{ errcode: 4 }, retry('system_busy', 'errcode 4')],
    [{ errcode: 5, errmsg: 'new' }, retry('unknown_errcode', 'errcode 5: new')],
    [{ errcode: '0' }, retry('unreadable_reply', 'the reply is not JSON with an errcode: {"errcode":"0"}')],
    ['<html>', retry('unreadable_reply', 'the reply is not JSON with an errcode: <html>')],
  ])('in %j means %j', (body, expected) => {
    expect(outcome(body)).toEqual(expected);
  });

  it('does not matter where the status of HTTP is no success', () => {
    expect(outcome({ errcode: 0 }, 502)).toMatchObject({ status: 'retry', code: 'http_502' });
    expect(outcome({ errcode: 2 }, 413)).toMatchObject({ status: 'split', code: 'http_413' });
  });
});
