import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';

/** Whether a stream does its work, and why not. It follows the stream's connections. */
export interface StreamHealth {
  /** The watch was answered. */
  opened(): void;
  /** From here on the open watch is live: nothing is left to list. */
  live(): void;
  /** The watch has shown that it works. */
  proven(): void;
  /** The connection is over. */
  closed(): void;
  failed(reason: string): void;
  /** For how long the watch has been open, in milliseconds; 0 while it is not. */
  openMs(): number;
  /** Why the stream is not in order; undefined while it is. */
  trouble(): string | undefined;
}

/** @param unreadyAfterMs trouble that lasts less than this is none. */
export function createStreamHealth(
  stream: string,
  unreadyAfterMs: number,
  metrics: RelayMetrics,
  log: Logger,
): StreamHealth {
  let openedAt: number | undefined;
  let hasListed = false;
  /** What failed since a watch last worked. */
  let fault: { readonly reason: string; readonly since: number; readonly times: number } | undefined;
  return {
    opened() {
      openedAt = performance.now();
    },
    live() {
      hasListed = true;
      metrics.connected.set(1, { stream });
      log('debug', 'watching', { stream });
    },
    proven() {
      if (fault !== undefined) log('info', 'watching again', { stream });
      fault = undefined;
    },
    closed() {
      openedAt = undefined;
      metrics.connected.set(0, { stream });
    },
    failed(reason) {
      if (fault?.reason !== reason) log('warn', reason, { stream });
      fault = { reason, since: fault?.since ?? performance.now(), times: (fault?.times ?? 0) + 1 };
    },
    openMs: () => (openedAt === undefined ? 0 : performance.now() - openedAt),
    trouble() {
      if (!hasListed) return fault?.reason ?? 'the first list is not done';
      if (fault === undefined) return undefined;
      // A watch that failed once and is open again may well be in order, though it has nothing to carry yet.
      const isBack = openedAt !== undefined && fault.times === 1;
      return isBack || performance.now() - fault.since < unreadyAfterMs ? undefined : fault.reason;
    },
  };
}
