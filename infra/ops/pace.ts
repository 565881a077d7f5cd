import { chunk } from '../../functions/core/kit/chunk.ts';
import type { Clock } from './clock.ts';

/** The longest sleep before `meanwhile` is asked, well below the five minutes that letters in hand are hidden. */
const MAX_SLEEP_MS = 100_000;

export interface Pace {
  /** Splits items into runs of at most a second's share. */
  parts<T>(items: readonly T[]): readonly (readonly T[])[];
  /**
   * Waits until the next may go, and takes the time of so many; false when interrupted.
   * @param meanwhile called after each sleep
   */
  turn(count: number, meanwhile?: () => Promise<void>): Promise<boolean>;
}

/** Keeps a rate. Time in which nothing went is not made up for: whoever asks for a rate has a receiver that bears no more. */
export function createPace(perSecond: number, clock: Clock, signal: AbortSignal): Pace {
  const maxItems = Math.max(1, Math.floor(perSecond));
  let nextAt = clock.now();
  return {
    parts: (items) => chunk(items, { maxItems, maxBytes: Infinity }, () => 0),
    async turn(count, meanwhile) {
      while (clock.now() < nextAt && !signal.aborted) {
        await clock.sleep(Math.min(nextAt - clock.now(), MAX_SLEEP_MS), signal);
        await meanwhile?.();
      }
      nextAt = Math.max(clock.now(), nextAt) + (count / perSecond) * 1000;
      return !signal.aborted;
    },
  };
}
