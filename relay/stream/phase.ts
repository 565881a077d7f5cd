import { compareVersions, isOrdered } from '../cluster/resource-version.ts';
import type { Fault } from './fault.ts';
import type { ListCause } from './list-filter.ts';

/** What a stream is doing. Each connection to the API server belongs to one phase. */
export type Phase = Probing | Listing | Watching;

/** Asks for the collection's current version before going on: it tells whether the cluster was restored meanwhile. */
export interface Probing {
  readonly kind: 'probing';
  readonly before: Listing | Watching;
}

/** Reads all events. */
export interface Listing {
  readonly kind: 'listing';
  readonly cause: ListCause;
  /** When the list began, in epoch milliseconds of the API server's clock; undefined until what precedes it is done. */
  readonly begunMs: number | undefined;
  readonly how: 'watch-list' | 'pages';
}

/** Reads what changes. */
export interface Watching {
  readonly kind: 'watching';
  /** The resource version up to which everything was read. */
  readonly position: string;
  /** Whether the open watch works: it carried a change, or stayed open for long enough. Being opened proves nothing. */
  readonly proven: boolean;
  /** Whether the list that gave the position is only just done: no watch since then has lasted. */
  readonly fresh: boolean;
  /** How often in a row the server refused the position: with an error, or with a watch that ended at once and was empty. */
  readonly refusals: number;
}

export interface StreamState {
  readonly phase: Phase;
  /** Attempts in a row that brought the stream no further. */
  readonly failures: number;
  /** Lists in a row for which WatchList failed; infinite once the server has refused it. */
  readonly watchListFailures: number;
}

/** What can happen to a stream. */
export type Happened =
  /** `current` is the collection's version, `cursor` the one up to which everything is on the queue. */
  | { readonly kind: 'probed'; readonly current: string; readonly cursor: string | undefined }
  /** There is nothing to list: START_FROM=now. */
  | { readonly kind: 'started'; readonly version: string }
  /** What precedes a list is done. */
  | { readonly kind: 'begun'; readonly atMs: number }
  /** The server does not offer WatchList. */
  | { readonly kind: 'no-watch-list' }
  | { readonly kind: 'listed'; readonly version: string }
  /** The open watch carried a change or a bookmark; `version` is empty if it had none. */
  | { readonly kind: 'carried'; readonly version: string }
  /** The open watch has been open for long enough to count as working. */
  | { readonly kind: 'lasted' }
  /** The server ended the watch. */
  | { readonly kind: 'ended'; readonly openMs: number }
  /** The relay ended the watch, because it had not been read for too long. */
  | { readonly kind: 'paused' }
  /** `openMs` is 0 if no watch was open. */
  | { readonly kind: 'failed'; readonly fault: Fault; readonly openMs: number };

export interface Step {
  readonly state: StreamState;
  readonly delay: Delay;
}

/** How long to wait before the next connection: as after so many failures (none: not at all), and no less than asked for. */
export interface Delay {
  readonly failures: number;
  readonly atLeastMs: number;
}

/** A watch that ends sooner than this did not work, unless it carried something. */
const SHORT_WATCH_MS = 1000;
/** After so many failures, a list comes in pages, which always work. */
const MAX_WATCH_LIST_FAILURES = 2;
/** A version that an open watch refuses so often is given up. */
const MAX_REFUSALS = 2;
/** Answers of a gateway, or of a server that is just coming up, say less about a version. */
const MAX_SERVER_ERRORS = 3;

/** The state of a stream that begins where a predecessor's cursor was, if there is any. */
export function firstState(cursor: string | undefined, cursorLost: boolean): StreamState {
  const state = { failures: 0, watchListFailures: 0 };
  if (cursorLost) return { ...state, phase: probing(listing(state, 'cursor-lost')) };
  if (cursor === undefined) return { ...state, phase: probing(listing(state, 'start')) };
  return { ...state, phase: probing(watching(cursor)) };
}

/** What follows from what happened. Pure; what cannot happen in a phase changes nothing. */
export function next(state: StreamState, happened: Happened): Step {
  switch (state.phase.kind) {
    case 'probing':
      return whileProbing(state, state.phase, happened);
    case 'listing':
      return whileListing(state, state.phase, happened);
    case 'watching':
      return whileWatching(state, state.phase, happened);
  }
}

/** Whether a version lies ahead of a position. Where versions have no order, each one does. */
export function advances(position: string, version: string): boolean {
  if (version === '') return false;
  return !isOrdered(position) || (compareVersions(version, position) ?? 0) > 0;
}

/** What happened that keeps the events from coming, for users; undefined if that belongs to the ordinary course of things. */
export function troubleIn(phase: Phase, happened: Happened): string | undefined {
  if (happened.kind === 'failed') return isRoutine(phase, happened.fault) ? undefined : happened.fault.reason;
  if (happened.kind !== 'ended' || isProven(phase) || !isShort(happened)) return undefined;
  return 'no events from the API server: it ends each watch at once';
}

function isRoutine(phase: Phase, fault: Fault): boolean {
  if (phase.kind === 'watching') return fault.kind === 'expired' && !phase.fresh;
  const isWatchList = phase.kind === 'listing' && phase.how === 'watch-list';
  return isWatchList && (fault.kind === 'invalid' || fault.kind === 'ended-early');
}

/** Whether a watch is open that works. */
export function isProven(phase: Phase): boolean {
  return phase.kind === 'watching' && phase.proven;
}

function isShort({ openMs }: { readonly openMs: number }): boolean {
  return openMs < SHORT_WATCH_MS;
}

function whileProbing(state: StreamState, phase: Probing, happened: Happened): Step {
  switch (happened.kind) {
    case 'probed':
      return proceed(state, wasRestored(phase.before, happened) ? listing(state, 'restore') : phase.before);
    case 'started':
      return proceed(state, watching(happened.version));
    case 'failed':
      return retry(state, phase, happened.fault);
    default:
      return proceed(state, phase);
  }
}

/** A collection whose version lies behind what was read of it is not the same any more. */
function wasRestored(before: Listing | Watching, { current, cursor }: Happened & { kind: 'probed' }): boolean {
  if (before.kind === 'listing' && (before.cause === 'restore' || before.cause === 'cursor-lost')) return false;
  const known = before.kind === 'watching' ? before.position : cursor;
  return known !== undefined && (compareVersions(current, known) ?? 0) < 0;
}

function whileListing(state: StreamState, phase: Listing, happened: Happened): Step {
  switch (happened.kind) {
    case 'begun':
      return proceed(state, { ...phase, begunMs: happened.atMs });
    case 'no-watch-list':
      return proceed(state, { ...phase, how: 'pages' });
    case 'listed': {
      const watchListFailures = state.watchListFailures === Infinity ? Infinity : 0;
      return proceed({ ...state, watchListFailures }, { ...watching(happened.version), fresh: true });
    }
    case 'failed':
      return phase.how === 'pages'
        ? retry(state, probing(phase), happened.fault)
        : afterWatchListFailure(state, phase, happened.fault);
    default:
      return proceed(state, phase);
  }
}

function afterWatchListFailure(state: StreamState, phase: Listing, fault: Fault): Step {
  const watchListFailures = watchListFailuresAfter(state, fault);
  const now = { ...state, watchListFailures };
  if (watchListFailures < MAX_WATCH_LIST_FAILURES) return retry(now, probing(phase), fault);
  return proceed(now, { ...phase, how: 'pages' });
}

function watchListFailuresAfter(state: StreamState, fault: Fault): number {
  if (fault.kind === 'invalid') return Infinity;
  return fault.kind === 'ended-early' ? MAX_WATCH_LIST_FAILURES : state.watchListFailures + 1;
}

function whileWatching(state: StreamState, phase: Watching, happened: Happened): Step {
  const closed: Watching = { ...phase, proven: false };
  switch (happened.kind) {
    case 'carried':
      return afterChange(state, phase, happened.version);
    case 'lasted':
      return proceed({ ...state, failures: 0 }, { ...phase, proven: true, fresh: false });
    case 'paused':
      return proceed(state, probing(closed));
    case 'ended':
      if (!isShort(happened)) return proceed({ ...state, failures: 0 }, probing({ ...closed, refusals: 0 }));
      return phase.proven ? retry(state, probing(closed)) : refused(state, closed, MAX_REFUSALS, 'empty-watch');
    case 'failed':
      return afterWatchFailure(state, phase, happened.fault, isShort(happened));
    default:
      return proceed(state, phase);
  }
}

function afterChange(state: StreamState, phase: Watching, version: string): Step {
  if (!advances(phase.position, version)) {
    // A bookmark may repeat the position; what lies behind it proves nothing.
    return proceed(state, { ...phase, proven: phase.proven || version === phase.position });
  }
  // One change behind each of many lists is no reason to list faster.
  const failures = phase.fresh ? state.failures : 0;
  return proceed({ ...state, failures }, { ...phase, position: version, proven: true, refusals: 0 });
}

function afterWatchFailure(state: StreamState, phase: Watching, fault: Fault, short: boolean): Step {
  const closed: Watching = { ...phase, proven: false };
  switch (fault.kind) {
    case 'expired': {
      const again = probing(listing(state, 'expired'));
      return phase.fresh ? retry(state, again, fault) : proceed(state, again);
    }
    case 'invalid':
      return retry(state, probing(listing(state, 'refused-version')), fault);
    case 'error-frame':
      return refused(state, closed, MAX_REFUSALS, 'repeated-error', fault);
    case 'server-error':
      return refused(state, closed, MAX_SERVER_ERRORS, 'repeated-error', fault);
    case 'cut':
      // A watch that worked and was cut is taken up again at once.
      return phase.proven && !short ? proceed(state, probing(closed)) : retry(state, probing(closed), fault);
    case 'refused':
    case 'unreadable':
    case 'ended-early':
      return retry(state, probing(closed), fault);
  }
}

/** The server refused the position once more: at the `limit`, a list gives another one. */
function refused(state: StreamState, phase: Watching, limit: number, cause: ListCause, fault?: Fault): Step {
  const refusals = phase.refusals + 1;
  return retry(state, probing(refusals >= limit ? listing(state, cause) : { ...phase, refusals }), fault);
}

/** Goes on at once. */
function proceed(state: StreamState, phase: Phase): Step {
  return { state: { ...state, phase }, delay: { failures: 0, atLeastMs: 0 } };
}

/** Goes on after a while, which grows from failure to failure. */
function retry(state: StreamState, phase: Phase, fault?: Fault): Step {
  const failures = state.failures + 1;
  return { state: { ...state, failures, phase }, delay: { failures, atLeastMs: fault?.retryAfterMs ?? 0 } };
}

function probing(before: Listing | Watching): Probing {
  return { kind: 'probing', before };
}

function listing({ watchListFailures }: Pick<StreamState, 'watchListFailures'>, cause: ListCause): Listing {
  const how = watchListFailures < MAX_WATCH_LIST_FAILURES ? 'watch-list' : 'pages';
  return { kind: 'listing', cause, begunMs: undefined, how };
}

function watching(position: string): Watching {
  return { kind: 'watching', position, proven: false, fresh: false, refusals: 0 };
}
