import { setTimeout as sleep } from 'node:timers/promises';
import type { SinkConfig } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { untilAborted } from '../contract/limits.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import { changesBetween, type Change } from './changes.ts';
import type { DocumentSource } from './documents.ts';
import type { ConfigError, Entry } from './evaluate.ts';
import { readDestinations, type KnownSet } from './reading.ts';
import { holding, type Silence } from './silence.ts';
import { NO_SILENCES, readSilences, type SilenceSet } from './silences.ts';

export type { ConfigError, Entry } from './evaluate.ts';

export type DestinationSet<Options = unknown, Secrets = unknown> = ReadonlyMap<string, Entry<Options, Secrets>>;

export interface DestinationsOptions<Options, Secrets> {
  readonly source: DocumentSource;
  /** The config of a sink type; undefined for one that this build does not know. */
  readonly configOf: (type: string) => Promise<SinkConfig<Options, Secrets> | undefined>;
  /** One type with its secrets, as in a sink's function; or all types without secrets, as in the router. */
  readonly only?: string;
  /** Whether silences are read too. @default false */
  readonly withSilences?: boolean;
  /** Told of each mistake at each reading, for as long as it lasts; `isRepeated` from the second time on. */
  readonly onError: (error: ConfigError, isRepeated: boolean) => void;
  /** Told of each edit without a mistake that takes effect after the first reading. */
  readonly onChange?: (change: Change) => void;
  readonly now: () => number;
  readonly limits?: ReadingLimits;
}

/** In milliseconds. */
export interface ReadingLimits {
  /** How long a reading is waited for while a set read before can stand in. */
  readonly slowMs: number;
  /** How long the earlier versions of a bad document are waited for. */
  readonly historyMs: number;
  /** How long silences are waited for: what waits for them is to be delivered. */
  readonly silencesMs: number;
  /** How long a reading may take. It is more than any invocation waits: each waits until its own deadline. */
  readonly readingMs: number;
}

const LIMITS: ReadingLimits = { slowMs: 2000, historyMs: 10_000, silencesMs: 5000, readingMs: 60_000 };

export interface LoadOptions {
  /** Ends the wait, not the reading. */
  readonly signal: AbortSignal;
  /** As of now, not as of the last 45 s; a set read before never stands in. */
  readonly fresh?: boolean;
}

export interface Destinations<Options = unknown, Secrets = unknown> {
  /**
   * The destinations as of the last 45 s at most. If the store cannot be read, or is slow, the set read before stands in; a slow
   * reading goes on, and later calls use its result.
   * @throws {Error} if they cannot be read, or not before the signal aborts, and no set may stand in.
   */
  load(options: LoadOptions): Promise<DestinationSet<Options, Secrets>>;
  /** The silence that holds an event now, as of the last reading; undefined where none does. */
  readonly silence: (event: ClusterEvent) => Silence | undefined;
}

/** Keeps the destinations of a source: cached, validated, with the last good version in force over a bad edit. */
export function createDestinations<Options, Secrets>({
  now,
  onError,
  onChange,
  withSilences = false,
  limits = LIMITS,
  ...options
}: DestinationsOptions<Options, Secrets>): Destinations<Options, Secrets> {
  const { source } = options;
  let known: KnownSet<Options, Secrets> | undefined;
  let set: DestinationSet<Options, Secrets> = new Map();
  let silences = NO_SILENCES;
  let staleAt = 0;
  /** Why the last reading failed, if it did. */
  let failure: string | undefined;
  let current: { readonly done: Promise<void>; readonly startedAt: number } | undefined;
  /** What those wait for who want a reading that begins after the current one. */
  let next: PromiseWithResolvers<void> | undefined;
  return { load, silence: (event) => holding(silences.silences, event, now()) };

  async function load({ signal, fresh = false }: LoadOptions): Promise<DestinationSet<Options, Secrets>> {
    if (known && !fresh) {
      if (now() >= staleAt) await settledWithin(current?.done ?? read(), leftOf(limits.slowMs), signal);
      return set;
    }
    // What began in an earlier invocation may fail for having been frozen with it: that is no reason to fail.
    const reading = fresh || !current ? readAnew() : current.done.catch(readAnew);
    await untilAborted(reading, signal);
    return set;
  }

  /** What is left of a wait that began with the current reading, so that it is not waited for by each invocation anew. */
  function leftOf(ms: number): number {
    return current ? Math.max(0, current.startedAt + ms - now()) : ms;
  }

  /** A reading that begins after this call: one that is under way may have passed the place of interest. */
  function readAnew(): Promise<void> {
    if (!current) return read();
    next ??= Promise.withResolvers();
    return next.promise;
  }

  function read(): Promise<void> {
    const signal = AbortSignal.timeout(limits.readingMs);
    const reading = Promise.all([
      readDestinations({ ...options, historyMs: limits.historyMs }, known ?? new Map(), signal),
      withSilences ? readSilencesUntil(signal) : NO_SILENCES,
    ]);
    const done = untilAborted(reading, signal).then(accept, refuse).finally(readNext);
    current = { done, startedAt: now() };
    return done;
  }

  function readSilencesUntil(signal: AbortSignal): Promise<SilenceSet> {
    return readSilences(source, silences, now(), AbortSignal.any([signal, AbortSignal.timeout(limits.silencesMs)]));
  }

  function readNext(): void {
    const waiting = next;
    current = undefined;
    next = undefined;
    if (waiting) read().then(waiting.resolve, waiting.reject);
  }

  function accept([found, foundSilences]: readonly [KnownSet<Options, Secrets>, SilenceSet]): void {
    for (const [id, { errors }] of found) tell(errors, known?.get(id)?.errors);
    tell(foundSilences.errors, silences.errors);
    silences = foundSilences;
    for (const change of known && onChange ? changesBetween(known, found) : []) onChange?.(change);
    known = found;
    failure = undefined;
    set = new Map([...found].map(([id, { entry }]) => [id, entry]));
    staleAt = now() + source.maxAgeMs();
  }

  function tell(errors: readonly ConfigError[], before: readonly ConfigError[] = []): void {
    const told = new Set(before.map((error) => JSON.stringify(error)));
    for (const error of errors) onError(error, told.has(JSON.stringify(error)));
  }

  function refuse(error: unknown): never {
    if (known) {
      const detail = `cannot be read: ${namedMessageOf(error)}`;
      onError({ detail, inForce: 'the set read before' }, detail === failure);
      failure = detail;
      staleAt = now() + source.maxAgeMs();
    }
    throw error;
  }
}

/** Resolves when the work has ended, well or badly, or after `ms`, or when the signal aborts. */
async function settledWithin(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([ended.signal, signal]);
  await Promise.race([work.catch(() => {}), sleep(ms, undefined, { signal: stop }).catch(() => {})]);
  ended.abort();
}
