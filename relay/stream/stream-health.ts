import { ApiError } from '../cluster/api-error.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { messageOf } from '../../functions/core/contract/untrusted.ts';

/** Whether a stream's watch is open, and why not. */
export interface StreamHealth {
  /** The watch was answered. */
  opened(): void;
  /** The watch is open and behind it nothing is left to list. */
  healthy(version: string | undefined): void;
  closed(): void;
  failed(reason: string): void;
  /** For how long the watch has been open, in milliseconds; 0 while it is not. */
  openMs(): number;
  /** Why the stream is not in order; undefined while it is. */
  trouble(): string | undefined;
}

export function createStreamHealth(
  stream: string,
  unreadyAfterMs: number,
  metrics: RelayMetrics,
  log: Logger,
): StreamHealth {
  let openedAt: number | undefined;
  let synced = false;
  let fault: { readonly reason: string; readonly since: number } | undefined;
  return {
    opened() {
      openedAt = performance.now();
    },
    healthy(version) {
      if (fault !== undefined) log('info', 'watching again', { stream });
      log('debug', 'watching', { stream, version });
      synced = true;
      fault = undefined;
      metrics.connected.set(1, { stream });
    },
    closed() {
      openedAt = undefined;
      metrics.connected.set(0, { stream });
    },
    failed(reason) {
      if (fault?.reason !== reason) log('warn', reason, { stream });
      fault = { reason, since: fault?.since ?? performance.now() };
    },
    openMs: () => (openedAt === undefined ? 0 : performance.now() - openedAt),
    trouble() {
      if (!synced) return fault?.reason ?? 'the first list is not done';
      return fault !== undefined && performance.now() - fault.since >= unreadyAfterMs ? fault.reason : undefined;
    },
  };
}

/** What keeps the events of a stream from coming, for users. */
export function reasonOf(error: unknown, name: string): string {
  if (error instanceof ApiError && error.status === 403) {
    const where = name === '*' ? 'in all namespaces' : `in namespace ${name}`;
    return `no permission to read events ${where}: the relay needs get, list and watch on events`;
  }
  if (error instanceof ApiError && error.status === 401) return `the API server refuses the relay's identity (401)`;
  return `no events from the API server: ${messageOf(error)}`;
}

/** The same as a metric's label. */
export function causeOf(error: unknown): string {
  if (error instanceof ApiError) return error.isExpired ? 'expired' : `http_${error.status}`;
  return 'connection';
}
