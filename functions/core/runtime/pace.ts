import { setTimeout as sleep } from 'node:timers/promises';

/** How many invocations of a chat sink run at once: the stack sets it, and each takes that share of a robot's rate. */
export const CHAT_CONCURRENCY = 2;

export interface Pace {
  /** Counts one request to a robot. */
  count(robot: { readonly key: string; readonly perMinute: number }): void;
  /** How much longer the invocation must last at the vendor's rate, in milliseconds, after it has lasted so long. */
  restMs(elapsedMs: number): number;
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
    restMs: (elapsedMs) => Math.max(0, Math.max(...leastMs.values()) - elapsedMs),
  };
}

/** How a function rests: resolves after so many milliseconds, or when the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleepUntil: Sleep = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {});
