import { afterEach, beforeEach, vi } from 'vitest';
import { type GapMessage, type Message, parseMessage } from '../../functions/core/contract/message.ts';
import type { ApiClient } from '../../relay/cluster/api-client.ts';
import { ApiError } from '../../relay/cluster/api-error.ts';
import { API_TIMING, type EventApi } from '../../relay/cluster/event-api.ts';
import type { Frame } from '../../relay/cluster/frames.ts';
import type { Enrich } from '../../relay/config.ts';
import { createEnrichment, type Enrichment } from '../../relay/context/enrichment.ts';
import { createLogger } from '../../relay/log.ts';
import { createRegistry, createRelayMetrics, type RelayMetrics } from '../../relay/metrics.ts';
import type { Outgoing } from '../../relay/queue/message.ts';
import type { Refused } from '../../relay/queue/backlog.ts';
import type { Outbox } from '../../relay/queue/outbox.ts';
import { createCounts } from '../../relay/stream/counts.ts';
import type { StreamOptions } from '../../relay/stream/stream-parts.ts';
import { createStream, type EventStream } from '../../relay/stream/stream.ts';
import { sleep } from '../../relay/wait.ts';

/** A watch, as a test writes it: it opens, brings chunks of frames, and ends by returning or throwing. */
export type ScriptedWatch = (call: {
  /** From where; undefined for a WatchList. */
  readonly from: string | undefined;
  /** Which watch this is, from 1 on. */
  readonly nth: number;
  readonly open: () => void;
  /** Resolves when the relay ends the watch. */
  readonly over: Promise<void>;
}) => AsyncGenerator<readonly Frame[]>;

export interface ScriptedList {
  readonly items?: readonly Frame[];
  /** How long each item takes to come. */
  readonly itemMs?: number;
  readonly version?: string;
  readonly continue?: string;
}

/** The API server of a stream, without a network. What is not scripted: a quiet collection without events, listed at version 100. */
export interface ApiScript {
  readonly probe?: (nth: number) => string;
  readonly page?: (call: { readonly token: string; readonly nth: number }) => ScriptedList;
  readonly watch?: ScriptedWatch;
  readonly watchList?: boolean;
}

/** A frame of a watch, or an item of a list. */
export function frameOf(value: unknown): Frame {
  return { line: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) };
}

export function change(type: string, version: string, fields: { readonly uid?: string; readonly count?: number } = {}) {
  return frameOf({ type, object: eventAt(version, fields) });
}

export function eventAt(version: string, { uid = `uid-${version}`, count = 1 } = {}): object {
  return { metadata: { name: uid, namespace: 'default', uid, resourceVersion: version }, type: 'Normal', count };
}

export function errorOf(code: number, reason = 'InternalError'): Frame {
  return frameOf({ type: 'ERROR', object: { kind: 'Status', code, reason, message: 'no' } });
}

/** A watch that brings this and then stays open. */
export function bringing(...frames: readonly Frame[]): ScriptedWatch {
  return async function* ({ open, over }) {
    open();
    if (frames.length > 0) yield frames;
    await over;
  };
}

/** A watch that brings this and ends. */
export function ending(...frames: readonly Frame[]): ScriptedWatch {
  return async function* ({ open }) {
    open();
    if (frames.length > 0) yield frames;
  };
}

/** The first watches as given, one after the other; from then on the last. */
export function inTurn(...watches: readonly ScriptedWatch[]): ScriptedWatch {
  return (call) => (watches[Math.min(call.nth, watches.length) - 1] ?? bringing())(call);
}

/** A watch that is answered like this. */
export function failing(status: number, body: object = {}): ScriptedWatch {
  return async function* () {
    yield* [];
    throw new ApiError(status, body);
  };
}

/** An outbox that accepts at once, until told not to. */
export interface TestOutbox extends Outbox {
  /** Everything pushed, in order. */
  readonly pushed: readonly Message[];
  /** From now on, nothing is accepted before `accept` says so. */
  hold(): void;
  /** Accepts what was pushed as the nth message, from 0 on. */
  accept(nth: number): void;
  refuse(nth: number): Message | undefined;
  /** Whether streams are to hold back. */
  setFull(full: boolean): void;
}

export function createTestOutbox(): TestOutbox {
  const entries: { message: Outgoing; accepted: () => void; refused: Refused | undefined }[] = [];
  let isHolding = false;
  let isFull = false;
  let waiting: (() => void)[] = [];
  return {
    push(message, accepted, refused) {
      entries.push({ message, accepted, refused });
      if (!isHolding) accepted();
    },
    get pushed() {
      return entries.map(({ message }) => parseMessage(message.body));
    },
    hold() {
      isHolding = true;
    },
    accept: (nth) => entries[nth]?.accepted(),
    refuse(nth) {
      const instead = entries[nth]?.refused?.('no', 'detail');
      instead?.sent();
      return instead === undefined ? undefined : parseMessage(instead.message.body);
    },
    setFull(full) {
      isFull = full;
      if (full) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    get full() {
      return isFull;
    },
    atHighRate: false,
    room: () => (isFull ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
    empty: () => Promise.resolve(),
    discard() {},
    trouble: undefined,
    failingMs: 0,
    size: 0,
  };
}

/** What adds context to events, without an API server to ask. */
export function testEnrichment(enrich: Exclude<Enrich, 'labels'>, metrics: RelayMetrics): Enrichment {
  const client: ApiClient = {
    open: () => Promise.reject(new Error('no')),
    json: () => Promise.reject(new Error('no')),
    serverNow: () => Date.now(),
    close() {},
  };
  return createEnrichment({ enrich, namespaces: [] }, { client, timing: API_TIMING, metrics, log: () => {} });
}

export interface RunningStream {
  readonly stream: EventStream;
  readonly outbox: TestOutbox;
  /** What was asked of the API server, in order: `probe`, `page`, `watch <from>`, `watch-list`. */
  readonly asked: readonly string[];
  /** The versions of the events that were read, in order. */
  readonly versions: () => readonly unknown[];
  readonly previousCounts: () => readonly (number | undefined)[];
  readonly gaps: () => readonly GapMessage[];
  readonly metrics: () => string;
  readonly logs: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Runs a stream against a scripted API server. For fake timers: nothing of it waits for anything but them. */
export function runStream(
  script: ApiScript,
  options: Partial<StreamOptions> & { readonly outbox?: TestOutbox; readonly save?: () => Promise<void> } = {},
): RunningStream {
  const { outbox = createTestOutbox(), save = async () => {}, ...rest } = options;
  const registry = createRegistry('test');
  const metrics = createRelayMetrics(registry);
  const asked: string[] = [];
  const logs: string[] = [];
  const stopping = new AbortController();
  const stream = createStream(
    {
      name: '*',
      cluster: 'test',
      startFrom: { kind: 'all' },
      eventTtlMs: 60 * 60_000,
      saved: { rv: '100', observedAt: new Date().toISOString() },
      cursorLost: false,
      ...rest,
    },
    {
      client: { serverNow: () => Date.now() },
      api: scriptedApi(script, asked),
      timing: API_TIMING,
      outbox,
      counts: createCounts(100),
      enrichment: testEnrichment('owners', metrics),
      metrics,
      log: createLogger('debug', (line) => logs.push(line)),
      save,
    },
  );
  const running = stream.run(stopping.signal);
  const events = () => outbox.pushed.filter((message) => message.kind === 'event');
  return {
    stream,
    outbox,
    asked,
    versions: () => events().map(({ event }) => versionIn(event.metadata)),
    previousCounts: () => events().map(({ previousCount }) => previousCount),
    gaps: () => outbox.pushed.filter((message) => message.kind === 'gap'),
    metrics: () => registry.render(),
    logs,
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Lets time pass, as {@link streamsUnderFakeTime} has it. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** For a test file: time stands still but for {@link pass}, and every stream that is run by what this gives ends with its test. */
export function streamsUnderFakeTime(): typeof runStream {
  const running: RunningStream[] = [];
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-27T12:00:00Z') });
  });
  afterEach(async () => {
    const stopped = Promise.all(running.splice(0).map((each) => each.stop()));
    await pass(1000);
    await stopped;
    vi.useRealTimers();
  });
  return (...args) => {
    const started = runStream(...args);
    running.push(started);
    return started;
  };
}

function versionIn(metadata: unknown): unknown {
  return typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata
    ? metadata.resourceVersion
    : undefined;
}

function scriptedApi(script: ApiScript, asked: string[]): EventApi {
  const counts = { probe: 0, page: 0, watch: 0 };
  const quiet: ScriptedWatch = async function* ({ open, over }) {
    open();
    await over;
    yield [];
  };
  return {
    async probe() {
      asked.push('probe');
      return script.probe?.((counts.probe += 1)) ?? '1000';
    },
    async *page(token, signal, onHead) {
      asked.push('page');
      const { items = [], version = '100', ...list } = script.page?.({ token, nth: (counts.page += 1) }) ?? {};
      if (list.itemMs === undefined) yield items;
      else {
        for (const item of items) {
          await sleep(list.itemMs, signal);
          if (signal.aborted) throw new Error('aborted');
          yield [item];
        }
      }
      onHead({ resourceVersion: version, continue: list.continue ?? '' });
    },
    async *watch(from, signal, onOpen) {
      asked.push(from === undefined ? 'watch-list' : `watch ${from}`);
      const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      yield* (script.watch ?? quiet)({ from, nth: (counts.watch += 1), open: onOpen, over });
    },
    offersWatchList: async () => script.watchList === true,
  };
}
