import type { Destination } from '../destinations/destination.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { HttpError } from '../kit/http.ts';
import { printable } from './letter.ts';
import { delivered, rejected, retry, type Outcome } from '../contract/outcome.ts';
import type { Parcel, Sink, SinkContext } from '../contract/sink.ts';
import { namedMessageOf } from '../contract/untrusted.ts';

/** The clients of a sink, one per destination version, kept over invocations. */
export interface Clients<Options, Secrets, Client> {
  get(destination: Destination<Options, Secrets>, ctx: SinkContext<Options, Secrets>): Promise<Client>;
  /** Forgets the destination's client and closes it. */
  drop(destination: Destination<Options, Secrets>): Promise<void>;
}

export interface DeliverOptions<Options, Secrets, Payload, Client> {
  readonly sink: Sink<Options, Secrets, Payload, Client>;
  readonly clients: Clients<Options, Secrets, Client>;
  readonly contextOf: (destination: Destination<Options, Secrets>) => SinkContext<Options, Secrets>;
  /** The destination read anew, uncached; undefined if it is not usable any more. Rejects if it cannot be read. */
  readonly reload: (id: string) => Promise<Destination<Options, Secrets> | undefined>;
  /** Called before each request: pacing counts them. */
  readonly onSend: (destination: Destination<Options, Secrets>) => void;
}

/** Two failed connections say enough about a service: the rest of the group is left for later, unsent. */
const MAX_TRANSPORT_FAILURES = 2;

/**
 * Delivers a group of events to one destination and gives each exactly one outcome. Never rejects, whatever the sink does.
 */
export async function deliverGroup<Options, Secrets, Payload, Client>(
  first: Destination<Options, Secrets>,
  events: readonly ClusterEvent[],
  { sink, clients, contextOf, reload, onSend }: DeliverOptions<Options, Secrets, Payload, Client>,
): Promise<ReadonlyMap<ClusterEvent, Outcome>> {
  const outcomes = new Map<ClusterEvent, Outcome>();
  let destination = first;
  let isReread = false;
  let transportFailures = 0;
  let lastFailure: Outcome = retry('unrendered', 'the sink rendered nothing for this event');

  await deliver(events);
  for (const event of events) if (!outcomes.has(event)) settle([event], lastFailure);
  return outcomes;

  async function deliver(part: readonly ClusterEvent[]): Promise<void> {
    const parcels = render(part);
    if (!parcels) {
      if (part.length > 1) for (const event of part) await deliver([event]);
      return;
    }
    for (const parcel of parcels) {
      if (transportFailures >= MAX_TRANSPORT_FAILURES) return;
      await deliverParcel(parcel);
    }
  }

  /** Undefined if rendering failed or broke its contract: the events are then rendered singly, and one alone is rejected. */
  function render(part: readonly ClusterEvent[]): readonly Parcel<Payload>[] | undefined {
    try {
      const parcels = sink.render(part, destination.options);
      const rendered = parcels.flatMap((parcel) => parcel.events);
      const isOnce = new Set(rendered).size === rendered.length && rendered.every((event) => part.includes(event));
      if (isOnce) return parcels;
      throw new Error('an event was rendered twice or is none of those given');
    } catch (error) {
      const [event] = part;
      if (part.length === 1 && event) settle([event], rejected('event', 'render_failed', namedMessageOf(error)));
      return undefined;
    }
  }

  async function deliverParcel(parcel: Parcel<Payload>): Promise<void> {
    const result = await sendOnce(parcel);
    if (isOutcome(result) && result.status === 'rejected' && result.scope === 'event' && parcel.events.length > 1) {
      const middle = Math.ceil(parcel.events.length / 2);
      await deliver(parcel.events.slice(0, middle));
      await deliver(parcel.events.slice(middle));
      return;
    }
    const all = perEvent(result, parcel.events.length);
    const isRefused = (outcome: Outcome | undefined): boolean =>
      outcome?.status === 'rejected' && outcome.scope === 'destination';
    const refused = parcel.events.filter((_, index) => isRefused(all[index]));
    const redelivery = refused.length > 0 ? await reread() : 'unchanged';
    for (const [index, event] of parcel.events.entries()) {
      const outcome = all[index] ?? noOutcome;
      if (!isRefused(outcome) || redelivery === 'unchanged') settle([event], outcome);
      else if (redelivery === 'unreadable') settle([event], unreadable);
    }
    if (redelivery === 'changed') await deliver(refused);
  }

  async function sendOnce(parcel: Parcel<Payload>): Promise<Outcome | readonly Outcome[]> {
    const ctx = contextOf(destination);
    try {
      const client = await untilAborted(clients.get(destination, ctx), ctx.signal);
      onSend(destination);
      const result = await untilAborted(sink.send(parcel, client, ctx), ctx.signal);
      if (needsReconnect(result)) await clients.drop(destination);
      return result;
    } catch (error) {
      transportFailures += 1;
      await clients.drop(destination);
      lastFailure = thrown(error, ctx.signal);
      return lastFailure;
    }
  }

  /** Whether document or secrets have changed since: a refused credential may have been replaced a moment ago. */
  async function reread(): Promise<'changed' | 'unchanged' | 'unreadable'> {
    if (isReread) return 'unchanged';
    isReread = true;
    try {
      const current = await reload(destination.id);
      if (!current || current.version === destination.version) return 'unchanged';
      await clients.drop(destination);
      destination = current;
      return 'changed';
    } catch {
      return 'unreadable';
    }
  }

  function settle(part: readonly ClusterEvent[], outcome: Outcome): void {
    const safe = sanitized(outcome, destination.secretValues, sink.config.codes);
    for (const event of part) outcomes.set(event, safe);
  }
}

const noOutcome = retry('unknown_outcome', 'the sink returned no outcome for this event');
const unreadable = retry(
  'config_unreadable',
  'the service refused, and the destination could not be read again to see whether it was repaired',
);

function perEvent(result: Outcome | readonly Outcome[], length: number): readonly Outcome[] {
  const list: readonly unknown[] = Array.isArray(result) ? result : Array.from({ length }, () => result);
  return list.length === length ? list.map((item) => (isOutcome(item) ? item : noOutcome)) : [];
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'status' in value;
}

function needsReconnect(result: Outcome | readonly Outcome[]): boolean {
  const list = Array.isArray(result) ? result : [result];
  return list.some((outcome) => isOutcome(outcome) && outcome.status === 'retry' && outcome.reconnect === true);
}

/** What reaches logs, letters and callers: known fields only, no secret, one line. */
function sanitized(outcome: Outcome, secrets: readonly string[], codes: object): Outcome {
  switch (outcome.status) {
    case 'delivered':
      return typeof outcome.warning === 'string'
        ? { ...delivered, warning: printable(outcome.warning, secrets) }
        : delivered;
    case 'retry': {
      const { afterMs } = outcome;
      const known = typeof afterMs === 'number' && Number.isFinite(afterMs) ? { afterMs } : {};
      return retry(...reason(outcome, secrets, codes), known);
    }
    case 'rejected':
      return rejected(outcome.scope, ...reason(outcome, secrets, codes));
    default:
      return noOutcome;
  }
}

function reason(
  outcome: { code: unknown; detail: unknown },
  secrets: readonly string[],
  codes: object,
): [code: string, detail: string] {
  const detail = printable(String(outcome.detail), secrets);
  // A code the sink has declared is a constant, even where it contains a word that somebody chose as a password.
  if (typeof outcome.code === 'string' && Object.hasOwn(codes, outcome.code)) return [outcome.code, detail];
  const code = printable(String(outcome.code), secrets).replace(/\W+/g, '_').slice(0, 64);
  return [code || 'unknown', detail];
}

function thrown(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) return retry('timeout', 'no result before the deadline of the invocation');
  if (error instanceof HttpError) return retry(error.code, error.message);
  return retry('unexpected_error', namedMessageOf(error));
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  // Whichever loses the race must not end the process as an unhandled rejection.
  promise.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
