import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadline, deadlineTimes } from '../../../../functions/core/runtime/deadline.ts';

describe('the deadline of an invocation', () => {
  it.each([
    [60_000, 55_000, 59_000],
    [10_000, 5_000, 9_000],
    [9_999, 4_999, 8_999],
    [7, 3, 6],
    [1, 0, 0],
    [0, 0, 0],
    // The longest that a timer of Node takes.
    [Infinity, 2_147_483_647 - 5_000, 2_147_483_647 - 1_000],
  ])('with %i ms to go ends the work after %i ms and the settling after %i ms', (remainingMs, workMs, settlingMs) => {
    expect(deadlineTimes(remainingMs)).toEqual({ workMs, settlingMs });
  });

  it('is whole and never after the time that remains, whatever remains', () => {
    const remaining = fc.oneof(
      fc.double({ min: 0, max: 900_000, noNaN: true }),
      fc.double({ min: 0, noNaN: true }),
      fc.nat(20_000),
    );
    fc.assert(
      fc.property(remaining, (remainingMs) => {
        const { workMs, settlingMs } = deadlineTimes(remainingMs);
        expect([workMs, settlingMs]).toSatisfy((times: number[]) => times.every(Number.isInteger));
        expect(workMs).toBeGreaterThanOrEqual(0);
        expect(settlingMs).toBeGreaterThanOrEqual(workMs);
        expect(settlingMs).toBeLessThanOrEqual(remainingMs);
        createDeadline(remainingMs).end();
      }),
    );
  });

  it('is over at once where the context says that none remains', () => {
    expect(deadlineTimes(-3)).toEqual({ workMs: 0, settlingMs: 0 });
  });

  describe('by the clock', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('aborts the work first, then the settling', () => {
      const { work, settling } = createDeadline(60_000);
      vi.advanceTimersByTime(54_999);
      expect([work.aborted, settling.aborted]).toEqual([false, false]);
      vi.advanceTimersByTime(1);
      expect([work.aborted, settling.aborted]).toEqual([true, false]);
      expect(work.reason).toMatchObject({ name: 'TimeoutError' });
      vi.advanceTimersByTime(4_000);
      expect(settling.aborted).toBe(true);
    });

    it('keeps the process awake until it is ended, and aborts nothing afterwards', () => {
      const deadline = createDeadline(60_000);
      expect(vi.getTimerCount()).toBe(2);
      deadline.end();
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(60_000);
      expect([deadline.work.aborted, deadline.settling.aborted]).toEqual([false, false]);
    });
  });

  it('keeps a process awake that has nothing else to wait for', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const deadline = createDeadline(60_000);
    expect(timers()).toBe(before + 2);
    deadline.end();
  });
});
