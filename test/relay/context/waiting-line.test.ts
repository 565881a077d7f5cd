import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWaitingLine } from '../../../relay/context/waiting-line.ts';
import { sleep } from '../../../relay/wait.ts';

const LIMITS = { waitMs: 500, messages: 10, bytes: 1000 };
const never = new AbortController().signal;
const inMs = (ms: number): Promise<void> => sleep(ms, never);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A line, and what has gone: which message, and whether it was late. */
function setup(limits: Partial<typeof LIMITS> = {}) {
  const line = createWaitingLine({ ...LIMITS, ...limits });
  const gone: string[] = [];
  const add = (name: string, ready?: Promise<unknown>, bytes = 1) =>
    line.add(ready, bytes, (isLate) => gone.push(isLate ? `${name} late` : name));
  return { line, add, gone };
}

test('what is ready goes at once, if nothing is before it', () => {
  const { add, gone } = setup();
  add('a');
  add('b');
  expect(gone).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

test('what is ready waits for what came before it, and goes right behind it', async () => {
  const { add, gone } = setup();
  add('a', inMs(200));
  add('b');
  add('c', inMs(100));
  await vi.advanceTimersByTimeAsync(199);
  expect(gone).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(gone).toEqual(['a', 'b', 'c']);
  expect(vi.getTimerCount()).toBe(0);
});

test('what is not ready in time goes late, and holds up nobody any longer', async () => {
  const { add, gone } = setup();
  add('a', inMs(10_000));
  await vi.advanceTimersByTimeAsync(300);
  add('b', inMs(100));
  add('c', inMs(10_000));
  await vi.advanceTimersByTimeAsync(200);
  expect(gone).toEqual(['a late', 'b']);
  await vi.advanceTimersByTimeAsync(300);
  expect(gone).toEqual(['a late', 'b', 'c late']);
});

test('no more wait than there is room for, in number or in bytes', () => {
  const many = setup({ messages: 2 });
  for (const name of ['a', 'b', 'c']) many.add(name, inMs(100));
  expect(many.gone).toEqual(['a late']);

  const long = setup({ bytes: 100 });
  long.add('a', inMs(100), 60);
  long.add('b', inMs(100), 60);
  expect(long.gone).toEqual(['a late']);
  long.add('c', inMs(100), 200);
  expect(long.gone).toEqual(['a late', 'b late', 'c late']);
});

test('once it is over, everything goes at once', async () => {
  const { line, add, gone } = setup();
  add('a', inMs(100));
  add('b');
  line.flush();
  add('c', inMs(100));
  expect(gone).toEqual(['a late', 'b', 'c late']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(gone).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('whatever they wait for, each goes once, in the order of its coming, and in time', async () => {
  const message = fc.record({
    afterMs: fc.nat(200),
    readyMs: fc.option(fc.nat(2000), { nil: undefined }),
    bytes: fc.nat(300),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
      const line = createWaitingLine(LIMITS);
      const gone: { nth: number; afterMs: number }[] = [];
      for (const [nth, { afterMs, readyMs, bytes }] of messages.entries()) {
        await vi.advanceTimersByTimeAsync(afterMs);
        const cameAt = performance.now();
        const ready = readyMs === undefined ? undefined : inMs(readyMs);
        line.add(ready, bytes, () => gone.push({ nth, afterMs: performance.now() - cameAt }));
      }
      await vi.advanceTimersByTimeAsync(2000);
      expect(gone.map(({ nth }) => nth)).toEqual(messages.map((_, nth) => nth));
      expect(gone.every(({ afterMs }) => afterMs <= LIMITS.waitMs)).toBe(true);
    }),
  );
});
