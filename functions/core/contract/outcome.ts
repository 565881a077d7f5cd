/** What `send` says of a parcel, or of one event in it. There is nothing else: anything unknown counts as `retry`. */
export type Outcome = Fate | Split;

/** What became of one event at a destination. */
export type Fate = Delivered | Retry | Rejected;

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

/**
 * `event`: this event will never be accepted, alone or with others. `destination`: no event will, until someone repairs the
 * destination, which is read anew and tried once more first.
 */
export interface Rejected {
  readonly status: 'rejected';
  readonly code: string;
  readonly detail: string;
  readonly scope: 'event' | 'destination';
}

/**
 * Refused together for one of them, and the service does not say which: the events of which this is said are halved and sent
 * anew, until the one is alone. Of a single event it is a rejection.
 */
export interface Split {
  readonly status: 'split';
  readonly code: string;
  readonly detail: string;
}

export const delivered: Delivered = { status: 'delivered' };

export function retry(code: string, detail: string, extra: Pick<Retry, 'afterMs' | 'reconnect'> = {}): Retry {
  return { status: 'retry', code, detail, ...extra };
}

export function rejected(scope: Rejected['scope'], code: string, detail: string): Rejected {
  return { status: 'rejected', code, detail, scope };
}

export function split(code: string, detail: string): Split {
  return { status: 'split', code, detail };
}

/** What an outcome of one event means when the service says it of a whole request: then it is unknown which event it is for. */
export function ofRequest(outcome: Outcome): Outcome {
  const isEvent = outcome.status === 'rejected' && outcome.scope === 'event';
  return isEvent ? split(outcome.code, outcome.detail) : outcome;
}
