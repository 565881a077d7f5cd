/** What became of an event at a destination. There is no fourth: anything unknown counts as `retry`. */
export type Outcome = Delivered | Retry | Rejected;

export interface Delivered {
  readonly status: 'delivered';
  /** What an operator should know all the same, such as a receiver that does not exist. Never the event's text, never a secret. */
  readonly warning?: string;
}

export interface Retry {
  readonly status: 'retry';
  /** Stable, snake_case, listed with advice in the sink's README. */
  readonly code: string;
  /** For a person: what the service said. Never the event's text, never a secret. */
  readonly detail: string;
  /** The vendor's own wish, such as Retry-After; without it the handler backs off exponentially. */
  readonly afterMs?: number;
  /** The client is broken: close it and connect anew before the next attempt. */
  readonly reconnect?: true;
}

export interface Rejected {
  readonly status: 'rejected';
  readonly code: string;
  readonly detail: string;
  /** `event`: this event will never be accepted. `destination`: no event will, until someone repairs the destination. */
  readonly scope: 'event' | 'destination';
}

export const delivered: Delivered = { status: 'delivered' };

export function retry(code: string, detail: string, extra: Pick<Retry, 'afterMs' | 'reconnect'> = {}): Retry {
  return { status: 'retry', code, detail, ...extra };
}

export function rejected(scope: Rejected['scope'], code: string, detail: string): Rejected {
  return { status: 'rejected', code, detail, scope };
}
