import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { ApiClient } from '../cluster/api-client.ts';
import { ApiError, EndedEarly, errorOfFrame } from '../cluster/api-error.ts';
import type { StartFrom } from '../config.ts';
import type { Counts } from './counts.ts';
import type { ApiTiming, EventApi } from '../cluster/event-api.ts';
import { createFrameParser, endsInitialEvents, eventOf, versionOf } from '../cluster/frame-parser.ts';
import { createIntake } from './intake.ts';
import { type ListCause, listFilter } from './list-filter.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { Outbox } from '../queue/outbox.ts';
import { createPagedList } from '../cluster/paged-list.ts';
import { compareVersions, isOrdered } from '../cluster/resource-version.ts';
import { causeOf, createStreamHealth, reasonOf } from './stream-health.ts';
import { createBackoff, sleep, unlessAborted } from '../wait.ts';
import { createWatermark, type Cursor } from './watermark.ts';

/** What a stream works with. */
export interface StreamPorts {
  readonly client: ApiClient;
  readonly api: EventApi;
  readonly timing: ApiTiming;
  readonly outbox: Outbox;
  readonly counts: Counts;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
  /** Saves the cursors of all streams now; resolves once they are saved. */
  readonly save: () => Promise<void>;
}

export interface StreamOptions {
  /** `*`, or a namespace. */
  readonly name: string;
  readonly cluster: string;
  readonly startFrom: StartFrom;
  readonly eventTtlMs: number;
  /** Where the stream was when it was last saved. */
  readonly saved: Cursor | undefined;
  /** There was a cursor, and it is gone: send everything. */
  readonly cursorLost: boolean;
}

/** The events of one namespace (or all), from the API server to the outbox, for as long as this relay leads. */
export interface EventStream {
  /** Returns when the signal aborts, and for no other reason. */
  run(signal: AbortSignal): Promise<void>;
  /** What may be saved; undefined until there is anything to save. */
  cursor(): Cursor | undefined;
  /** Why the stream is not in order; undefined while it is. */
  trouble(): string | undefined;
  /** Whether it has made no attempt at anything for longer than any of its time limits allows. */
  stuck(): boolean;
}

/** A watch that has been open this long counts as healthy even if it carried nothing. */
const HEALTHY_AFTER_MS = 10_000;
/** An empty answer that ends sooner than this may be a server's way of saying that the version is too old. */
const EMPTY_WATCH_MS = 1000;
/** How long a busy stream lets events gather before it reads on. */
const GULP_MS = 4;
const MAX_PENDING = 20_000;
/** After so many, lists come in pages, which always work. */
const MAX_WATCH_LIST_FAILURES = 2;
/** Longer than a watch and its grace; past this a stream that waits for nothing is stuck. */
const STUCK_AFTER_MS = 10 * 60_000;

export function createStream(options: StreamOptions, ports: StreamPorts): EventStream {
  const { name, startFrom, saved } = options;
  const { client, api, outbox, metrics, log } = ports;
  const backoff = createBackoff(ports.timing.retryBaseMs, ports.timing.retryCapMs);
  const mark = createWatermark({
    rv: saved?.rv,
    observedMs: saved === undefined ? 0 : Date.parse(saved.observedAt),
  });
  const intake = createIntake(options, mark, { ...ports, serverNow: () => client.serverNow() });
  const parser = createFrameParser(
    (kind) => metrics.unreadable.add(1, { kind }),
    (kind) =>
      intake.declareGap('unreadable', mark.observedMs, `a ${kind} frame after version ${position ?? mark.rv ?? ''}`),
  );
  const pages = createPagedList(api);
  const health = createStreamHealth(name, ports.timing.unreadyAfterMs, metrics, log);
  /** From where to watch; undefined where a list is due. */
  let position = saved?.rv;
  let listCause: ListCause | undefined = firstListCause();
  let listBegun = false;
  let watchListFailures = 0;
  let probeDue = true;
  let waiting = false;
  /** Whether the open watch has brought anything live. */
  let carried = false;
  let emptyWatches = 0;
  let listedInVain = false;
  let lastActivity = performance.now();

  function firstListCause(): ListCause | undefined {
    if (options.cursorLost) return 'cursor-lost';
    return saved?.rv === undefined ? 'start' : undefined;
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      lastActivity = performance.now();
      let delay = 0;
      try {
        await pausing(unlessAborted(outbox.room(), signal));
        if (signal.aborted) return;
        delay = await cycle(signal);
      } catch (error) {
        if (signal.aborted) return;
        delay = failed(error);
      } finally {
        health.closed();
        carried = false;
      }
      if (delay > 0) await sleep(delay, signal);
    }
  }

  /** One connection's worth of work. Returns how long to wait before the next. */
  async function cycle(signal: AbortSignal): Promise<number> {
    if (probeDue || (listCause !== undefined && !pages.underWay)) {
      const current = await api.probe(signal);
      if (await startNow(current, signal)) return 0;
      checkRestore(current);
      probeDue = false;
    }
    if (listCause === undefined) return watch(signal, undefined);
    if (!listBegun) await beginList(listCause, signal);
    if (signal.aborted) return 0;
    const wanted = listFilter(
      listCause,
      { ...(mark.rv !== undefined && { rv: mark.rv }), observedAt: new Date(mark.observedMs).toISOString() },
      startFrom,
    );
    if (!pages.underWay && watchListFailures < MAX_WATCH_LIST_FAILURES && (await api.offersWatchList(signal))) {
      try {
        return await watch(signal, wanted);
      } catch (error) {
        if (listCause === undefined || signal.aborted) throw error;
        const refused = error instanceof ApiError && (error.status === 400 || error.status === 422);
        watchListFailures = refused || error instanceof EndedEarly ? MAX_WATCH_LIST_FAILURES : watchListFailures + 1;
        if (watchListFailures < MAX_WATCH_LIST_FAILURES) throw error;
        log('info', 'WatchList is not to be had; listing in pages', { stream: name });
      }
    }
    const version = await pages.read(
      (frame) => {
        const item = parser.parse(frame);
        if (item !== undefined) listed(item.object, wanted);
      },
      (plenty) => (plenty ? pausing(unlessAborted(outbox.room(), signal)) : roomy(signal)),
      signal,
    );
    if (version !== undefined) listDone(version);
    return 0;
  }

  /** START_FROM=now: the version of the first probe is the cursor, and there is nothing to list. */
  async function startNow(current: string, signal: AbortSignal): Promise<boolean> {
    if (listCause !== 'start' || mark.rv !== undefined || startFrom.kind !== 'now') return false;
    mark.mark(current, client.serverNow());
    position = current;
    listCause = undefined;
    probeDue = false;
    await unlessAborted(ports.save(), signal);
    return true;
  }

  function checkRestore(current: string): void {
    const known = mark.rv;
    if (listCause === 'restore' || listCause === 'cursor-lost' || known === undefined) return;
    const ahead = position ?? known;
    if ((compareVersions(current, ahead) ?? 0) >= 0) return;
    log('warn', 'the cluster was restored to an earlier state: sending everything', {
      stream: name,
      cursor: ahead,
      current,
    });
    relist('restore');
  }

  /** What precedes a list: nothing is under way, the start instant is saved, a gap is declared. */
  async function beginList(cause: ListCause, signal: AbortSignal): Promise<void> {
    await pausing(unlessAborted(mark.below(0), signal));
    if (signal.aborted) return;
    const now = client.serverNow();
    if (mark.rv === undefined && mark.observedMs === 0) {
      mark.observe(now);
      await unlessAborted(ports.save(), signal);
      if (signal.aborted) return;
    }
    listBegun = true;
    metrics.relists.add(1, { cause });
    const expiredMs = options.eventTtlMs - Math.min(5 * 60_000, options.eventTtlMs / 2);
    if (cause === 'restore' || cause === 'cursor-lost') intake.declareGap(cause, mark.observedMs);
    else if (now - mark.observedMs > expiredMs) intake.declareGap('expired', mark.observedMs);
  }

  function listDone(version: string): void {
    position = version;
    listCause = undefined;
    listBegun = false;
    listedInVain = true;
    mark.mark(version, client.serverNow());
  }

  /** Reads a watch to its end. With `wanted`, its initial events are a list. */
  async function watch(signal: AbortSignal, wanted: ((event: KubeEvent) => boolean) | undefined): Promise<number> {
    const opened = performance.now();
    let frameCount = 0;
    let initial = wanted;
    const from = initial === undefined ? position : undefined;
    const onOpen = (): void => {
      health.opened();
      if (initial === undefined) health.healthy(position);
    };
    for await (const frames of api.watch(from, signal, onOpen, () => initial !== undefined)) {
      for (const frame of frames) {
        const { type, object } = parser.parse(frame) ?? {};
        frameCount += 1;
        if (type === undefined) continue;
        if (initial === undefined) {
          live(type, object);
        } else if (type === 'ADDED' || type === 'MODIFIED') {
          listed(object, initial);
        } else if (type === 'ERROR') {
          throw errorOfFrame(object);
        } else if (type === 'BOOKMARK' && endsInitialEvents(object) && versionOf(object) !== '') {
          // No version before this one may move the cursor: initial events come in no order.
          listDone(versionOf(object));
          initial = undefined;
          health.healthy(position);
        }
      }
      if (initial === undefined && frameCount > 0) progress();
      carried = initial === undefined && frameCount > 0;
      await roomy(signal);
      // They would only wait for company in the outbox: read together, they cost less.
      if (outbox.busy) await sleep(GULP_MS, signal);
      lastActivity = performance.now();
    }
    if (initial !== undefined) throw new EndedEarly('the watch ended before its initial events did');
    if (isProven()) mark.observe(client.serverNow());
    metrics.reconnects.add(1, { cause: 'ended' });
    const isShort = performance.now() - opened < EMPTY_WATCH_MS;
    if (frameCount > 0 || !isShort) {
      progress();
      return isShort ? backoff.next() : 0;
    }
    emptyWatches += 1;
    if (emptyWatches >= 2) relist('empty-watch');
    return backoff.next();
  }

  function live(type: string, object: unknown): void {
    const version = versionOf(object);
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        intake.emit(type === 'ADDED' ? 'added' : 'modified', eventOf(object), advances(version) ? version : undefined);
        break;
      case 'DELETED':
      case 'BOOKMARK':
        if (advances(version)) mark.mark(version, client.serverNow());
        break;
      case 'ERROR':
        throw errorOfFrame(object);
      default:
        metrics.unreadable.add(1, { kind: 'unknown_type' });
        return;
    }
    if (advances(version)) position = version;
    parser.passed();
  }

  /** Whether a version lies ahead of where the stream is: a cursor never goes back. */
  function advances(version: string): boolean {
    if (version === '') return false;
    return position === undefined || !isOrdered(position) || (compareVersions(version, position) ?? 0) > 0;
  }

  function listed(object: unknown, wanted: (event: KubeEvent) => boolean): void {
    const event = eventOf(object);
    if (wanted(event)) intake.emit('listed', event, undefined);
    else intake.cover(event);
  }

  /** Waits while the outbox is above its marks. The socket is not read meanwhile. */
  async function roomy(signal: AbortSignal): Promise<void> {
    if (outbox.full) await pausing(unlessAborted(outbox.room(), signal));
    if (mark.size > MAX_PENDING) await pausing(unlessAborted(mark.below(MAX_PENDING / 2), signal));
  }

  async function pausing(room: Promise<void>): Promise<void> {
    waiting = true;
    await room;
    waiting = false;
    lastActivity = performance.now();
  }

  /** An open watch proves nothing yet: a version that is too old may be answered with 200 as well. */
  function isProven(): boolean {
    return carried || health.openMs() > HEALTHY_AFTER_MS;
  }

  function relist(cause: ListCause): void {
    position = undefined;
    pages.forget();
    listBegun = false;
    listCause = cause;
  }

  function progress(): void {
    backoff.reset();
    emptyWatches = 0;
    listedInVain = false;
  }

  function failed(error: unknown): number {
    probeDue = true;
    if (health.openMs() > HEALTHY_AFTER_MS) progress();
    const expired = error instanceof ApiError && error.isExpired;
    // Not even a version: whatever made it unacceptable, a list gives a good one.
    if (error instanceof ApiError && error.status === 400 && listCause === undefined) relist('refused-version');
    metrics.reconnects.add(1, { cause: causeOf(error) });
    if (expired) {
      if (isProven()) mark.observe(client.serverNow());
      if (listCause === undefined) relist('expired');
      log('info', 'the version is no longer there: listing', { stream: name, cursor: mark.rv });
      return listedInVain ? backoff.next() : 0;
    }
    health.failed(reasonOf(error, name));
    // A watch that worked and was cut is taken up again at once; only what does not work is left alone for a while.
    if (!(error instanceof ApiError)) return isProven() && health.openMs() >= EMPTY_WATCH_MS ? 0 : backoff.next();
    return Math.max(error.retryAfterMs ?? 0, backoff.next());
  }

  return {
    run,
    cursor() {
      if (mark.rv === undefined && mark.observedMs === 0) return undefined;
      const idle = isProven() && !waiting && mark.rv !== undefined && listCause === undefined && mark.size === 0;
      const observedMs = idle ? Math.max(client.serverNow(), mark.observedMs) : mark.observedMs;
      return { ...(mark.rv !== undefined && { rv: mark.rv }), observedAt: new Date(observedMs).toISOString() };
    },
    trouble: () => health.trouble(),
    stuck: () => !waiting && performance.now() - lastActivity > STUCK_AFTER_MS,
  };
}
