/** The API server's clock, as far as its answers tell it. */
export interface ServerClock {
  /** Takes note of an answer's `Date` header. */
  see(date: string | undefined): void;
  /** Epoch milliseconds by the API server's clock; by the relay's own before the first `Date` that can be believed. */
  now(): number;
}

/**
 * Clocks further apart than this are taken for wrong. It is what AWS allows the relay's own clock to be off, and no more
 * than the margin with which a gap is declared.
 */
export const FAR_MS = 5 * 60_000;

/**
 * A `Date` that is far from the relay's own clock, and from the last one that was believed, is not believed: one wrong
 * answer must not make what is seen now look as if it had been seen a day later.
 * @param ownNow the relay's own clock, epoch milliseconds; it may be set at any time.
 * @param elapsed milliseconds of a clock that is never set.
 */
export function createServerClock(
  ownNow: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): ServerClock {
  let believed: { readonly serverMs: number; readonly at: number } | undefined;
  const now = (): number => (believed === undefined ? ownNow() : believed.serverMs + (elapsed() - believed.at));
  return {
    see(date) {
      const serverMs = Date.parse(date ?? '');
      if (Math.abs(serverMs - ownNow()) <= FAR_MS || Math.abs(serverMs - now()) <= FAR_MS) {
        believed = { serverMs, at: elapsed() };
      }
    },
    now,
  };
}
