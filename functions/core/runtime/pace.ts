import { setTimeout as sleep } from 'node:timers/promises';

/** How many invocations of a chat sink run at once: the stack sets it, and each takes that share of a robot's rate. */
export const CHAT_CONCURRENCY = 2;

export interface Pace {
  /** Counts one request to a robot. */
  count(robot: { readonly key: string; readonly perMinute: number }): void;
  /** Resolves when the invocation has lasted as long as its requests must take at the vendor's rate, or at the deadline. */
  rest(startedAtMs: number, nowMs: number, signal: AbortSignal): Promise<void>;
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
    async rest(startedAtMs, nowMs, signal) {
      const restMs = Math.max(0, ...leastMs.values()) - (nowMs - startedAtMs);
      if (restMs > 0 && !signal.aborted) await sleep(restMs, undefined, { signal }).catch(() => {});
    },
  };
}
