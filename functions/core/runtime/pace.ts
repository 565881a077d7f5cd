import { setTimeout as sleep } from 'node:timers/promises';

/** How many invocations of a chat sink run at once: the stack sets it, and each takes that share of a robot's rate. */
export const CHAT_CONCURRENCY = 2;

export interface Pace {
  /** Counts one request to a robot. */
  count(robot: { readonly key: string; readonly perMinute: number }): void;
  /** How much longer the invocation must last at the vendor's rate, in milliseconds, after it has lasted so long. */
  restMs(elapsedMs: number): number;
  /** Resolves when {@link restMs} are over, or the signal aborts. */
  rest(elapsedMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Keeps a vendor's rate without shared state: an invocation that sent n requests to a robot lasts at least n times
 * 120/perMinute seconds, so that two invocations at once stay within perMinute whatever environments come and go.
 */
export function createPace(): Pace {
  const leastMs = new Map<string, number>();
  return {
    count({ key, perMinute }) {
      leastMs.set(key, (leastMs.get(key) ?? 0) + (CHAT_CONCURRENCY * 60_000) / perMinute);
    },
    restMs,
    async rest(elapsedMs, signal) {
      const ms = restMs(elapsedMs);
      if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
    },
  };

  function restMs(elapsedMs: number): number {
    return Math.max(0, Math.max(...leastMs.values()) - elapsedMs);
  }
}
