/** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Does something after `ms`, unless the function it returns is called before. */
export function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

/** Resolves when `promise` does, or as soon as the signal aborts; the caller looks at the signal. */
export function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const abort = (): void => resolve();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

export interface Backoff {
  /** How long to wait before the next attempt. Grows with every call until `reset`. */
  next(): number;
  reset(): void;
}

/**
 * How long to wait after `failures` attempts in vain, in milliseconds: not at all after none, then `baseMs`, doubling up to
 * `capMs`. Shortened at random by up to half, so that many relays spread out.
 */
export function retryDelayMs(failures: number, baseMs: number, capMs: number, random = Math.random()): number {
  if (failures === 0) return 0;
  return Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + random / 2);
}

/** The delays of {@link retryDelayMs} from one attempt to the next. */
export function createBackoff(baseMs: number, capMs: number, random: () => number = Math.random): Backoff {
  let failures = 0;
  return {
    next() {
      failures += 1;
      return retryDelayMs(failures, baseMs, capMs, random());
    },
    reset() {
      failures = 0;
    },
  };
}
