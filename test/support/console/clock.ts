import type { Clock } from '../../../infra/ops/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass: who sleeps wakes up in order, and what that starts gets its turns. */
  advance(ms: number): Promise<void>;
}

/** A clock that stands until it is moved. */
export function manualClock(start = Date.parse('2026-11-27T12:00:00Z')): ManualClock {
  let now = start;
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = {
        due: now + ms,
        wake() {
          sleepers.delete(sleeper);
          resolve();
        },
      };
      if (signal.aborted) return Promise.resolve();
      sleepers.add(sleeper);
      signal.addEventListener('abort', () => sleeper.wake());
      return promise;
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await turns();
        const [next] = [...sleepers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due);
        if (!next) break;
        now = next.due;
        next.wake();
      }
      now = end;
      await turns();
    },
  };
}

/** Whatever is ready to run, runs. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
