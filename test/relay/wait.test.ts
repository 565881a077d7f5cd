import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { after, createBackoff, retryDelayMs, sleep, unlessAborted } from '../../relay/wait.ts';

test('delays grow to their cap, are never the same for all, and start over', () => {
  const backoff = createBackoff(100, 1000, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
  expect(createBackoff(100, 1000, () => 0).next()).toBe(50);
});

test('a delay after so many failures doubles up to its cap, however many there were', () => {
  expect([0, 1, 2, 3, 50, 5000].map((failures) => retryDelayMs(failures, 100, 1000, 1))).toEqual([
    0, 100, 200, 400, 1000, 1000,
  ]);
});

test('a sleep ends with its signal, and leaves no timer behind', async () => {
  vi.useFakeTimers();
  try {
    const ended = new AbortController();
    const slept = sleep(60_000, ended.signal);
    ended.abort();
    await slept;
    await sleep(60_000, ended.signal);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('waiting unless aborted ends with either, and fails with what it waits for', async () => {
  const ended = new AbortController();
  await unlessAborted(Promise.resolve(), ended.signal);
  await expect(unlessAborted(Promise.reject(new Error('no')), ended.signal)).rejects.toThrow('no');
  const waiting = unlessAborted(new Promise(() => {}), ended.signal);
  ended.abort();
  await waiting;
  await unlessAborted(new Promise(() => {}), ended.signal);
});

test('what is waited for leaves nothing behind at its signal', async () => {
  const { signal } = new AbortController();
  await sleep(1, signal);
  await unlessAborted(Promise.resolve(), signal);
  await unlessAborted(Promise.reject(new Error('no')), signal).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('what is to be done after a while is done then, unless it is called off', () => {
  vi.useFakeTimers();
  try {
    const done: string[] = [];
    after(100, () => done.push('first'));
    const callOff = after(100, () => done.push('second'));
    vi.advanceTimersByTime(99);
    expect(done).toEqual([]);
    callOff();
    vi.advanceTimersByTime(1);
    expect(done).toEqual(['first']);
  } finally {
    vi.useRealTimers();
  }
});
