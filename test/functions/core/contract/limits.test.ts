import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { requestLimits, untilAborted } from '../../../../functions/core/contract/limits.ts';

it('the limits of a call hold for connecting, for the answer and for each silence in it, and end the call', () => {
  expect(requestLimits({ connectMs: 1, answerMs: 2 })).toEqual({
    connectionTimeout: 1,
    requestTimeout: 2,
    socketTimeout: 2,
    throwOnRequestTimeout: true,
  });
});

describe('work under a signal', () => {
  const { promise: endless } = Promise.withResolvers<never>();

  it('ends as it ends', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve('done'), signal)).resolves.toBe('done');
    await expect(untilAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  it('is left alone when the signal aborts, or has aborted before', async () => {
    const stop = new AbortController();
    const left = untilAborted(endless, stop.signal);
    stop.abort(new Error('over'));
    await expect(left).rejects.toThrow('over');
    await expect(untilAborted(endless, stop.signal)).rejects.toThrow('over');
  });

  it('leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    await untilAborted(Promise.resolve(), signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
