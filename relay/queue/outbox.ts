import { type EventMessage, parseMessage } from '../../functions/core/contract/event.ts';
import type { Logger } from '../log.ts';
import { type Outgoing, shorterMessage } from './message.ts';
import type { RelayMetrics } from '../metrics.ts';
import { BATCH_BYTES, BATCH_ENTRIES, type SendBatch } from './sqs.ts';
import type { BatchResult, SendResult } from './sqs-fault.ts';
import { createBackoff } from '../wait.ts';

/** Bounds of the outbox. Above the high mark streams stop reading, below the low mark they go on. */
export interface OutboxLimits {
  readonly inFlight: number;
  readonly highEntries: number;
  readonly highBytes: number;
  readonly lowEntries: number;
  readonly lowBytes: number;
  /** How long a batch that is not full waits for company while others are under way, or while it is busy, in milliseconds. */
  readonly companyMs: number;
  /**
   * Messages per second from which on it is busy: a call for each would take more processor time than a relay should,
   * whereas at this rate company is never far.
   */
  readonly busyPerSecond: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  inFlight: 8,
  highEntries: 500,
  highBytes: 768 * 1024,
  lowEntries: 160,
  lowBytes: 256 * 1024,
  companyMs: 8,
  busyPerSecond: 600,
  retryBaseMs: 100,
  retryCapMs: 1000,
};

/** To what an event is cut when the queue refuses 256 KiB. */
const SMALLER_BODY_BYTES = 32 * 1024;

/** What to send in place of a message that the queue never accepts; undefined: nothing. */
export type Refused = (code: string, detail: string) => Outgoing | undefined;

/** Messages on their way to the queue. */
export interface Outbox {
  /** Takes a message. `accepted` is called once it is on the queue, or what `refused` gave in its place. */
  push(message: Outgoing, accepted: () => void, refused: Refused): void;
  readonly full: boolean;
  /** So many come that batches wait for company. */
  readonly busy: boolean;
  /** Resolves once there is room again. */
  room(): Promise<void>;
  /** Resolves once everything is on the queue. */
  empty(): Promise<void>;
  /** Starts no more sends; what waits is forgotten. */
  discard(): void;
  /** Why the queue does not accept; undefined while it does. Before the first answer: that there is none yet. */
  readonly trouble: string | undefined;
  readonly size: number;
}

interface Entry {
  message: Outgoing;
  bytes: number;
  readonly since: number;
  readonly accepted: () => void;
  readonly refused: Refused;
  attempts: number;
  alone: boolean;
}

/**
 * Sends messages in batches that form only while other calls are under way: an idle outbox sends at once, a busy one
 * fills its batches (`companyMs`). Entries are retried one by one; when the queue as a whole does not answer, one call at a time
 * tries again, and nothing is dropped.
 */
export function createOutbox(
  send: SendBatch,
  metrics: RelayMetrics,
  log: Logger,
  limits: OutboxLimits = OUTBOX_LIMITS,
): Outbox {
  const backoff = createBackoff(limits.retryBaseMs, limits.retryCapMs);
  const timers = new Set<NodeJS.Timeout>();
  const rate = createRate();
  let queue: Entry[] = [];
  let first = 0;
  let entries = 0;
  let bytes = 0;
  let calls = 0;
  let trouble: { code: string; reason: string; since: number } | undefined = {
    code: '',
    reason: 'nothing sent yet',
    since: 0,
  };
  let blocked = false;
  let discarded = false;
  let scheduled = false;
  let company: NodeJS.Timeout | undefined;
  let waiting: { ready: () => boolean; resolve: () => void }[] = [];

  const isBusy = (): boolean => rate.perSecond() > limits.busyPerSecond;
  const hasRoom = (): boolean => entries < limits.lowEntries && bytes < limits.lowBytes;

  function wait(ready: () => boolean): Promise<void> {
    if (ready()) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push({ ready, resolve });
    });
  }

  function later(ms: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After the chunk that is being read, so that its events travel together.
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  }

  function pump(): void {
    while (!discarded && !blocked && first < queue.length && calls < (trouble === undefined ? limits.inFlight : 1)) {
      const batch = nextBatch();
      if ((calls > 0 || isBusy()) && !batch.full) {
        const oldest = queue[first];
        const left = limits.companyMs - (performance.now() - (oldest?.since ?? 0));
        if (left > 0 && oldest?.attempts === 0) {
          company ??= later(Math.ceil(left), () => {
            company = undefined;
            pump();
          });
          return;
        }
      }
      const chosen = queue.slice(first, first + batch.size);
      first += batch.size;
      if (first > 256 || first === queue.length) {
        queue = queue.slice(first);
        first = 0;
      }
      void call(chosen);
    }
  }

  function nextBatch(): { size: number; full: boolean } {
    let size = 0;
    let total = 0;
    for (let entry = queue[first]; entry !== undefined && size < BATCH_ENTRIES; entry = queue[first + size]) {
      if (size > 0 && (entry.alone || total + entry.bytes > BATCH_BYTES)) return { size, full: true };
      size += 1;
      total += entry.bytes;
      if (entry.alone) return { size, full: true };
    }
    return { size, full: size === BATCH_ENTRIES };
  }

  async function call(batch: readonly Entry[]): Promise<void> {
    calls += 1;
    metrics.inFlight.set(calls);
    const start = performance.now();
    const result = await send(batch.map(({ message }) => message));
    calls -= 1;
    metrics.inFlight.set(calls);
    if (discarded) return;
    metrics.sendSeconds.observe((performance.now() - start) / 1000);
    settle(batch, result);
    pump();
  }

  function settle(batch: readonly Entry[], result: BatchResult): void {
    if (result.status === 'unavailable') {
      noteTrouble(result.code, result.reason);
      metrics.failures.add(1, { code: result.code });
      metrics.retries.add(batch.length);
      for (const entry of batch) entry.attempts += 1;
      requeue(batch);
      blocked = true;
      later(backoff.next(), () => {
        blocked = false;
        pump();
      });
      return;
    }
    noteHealth();
    const again = batch.filter((entry, i) => !settled(entry, result.results[i], batch.length));
    if (again.length > 0) {
      metrics.retries.add(again.length);
      const attempts = Math.max(...again.map((entry) => entry.attempts));
      later(Math.min(limits.retryCapMs, limits.retryBaseMs * 2 ** Math.min(attempts - 1, 10)), () => {
        requeue(again);
        pump();
      });
    }
    wake();
  }

  /** Whether the entry is done with. Otherwise it is to be sent again, changed or not. */
  function settled(entry: Entry, result: SendResult | undefined, companions: number): boolean {
    if (result?.status === 'accepted') {
      entries -= 1;
      bytes -= entry.bytes;
      metrics.sent.add(1);
      entry.accepted();
      return true;
    }
    entry.attempts += 1;
    if (result === undefined || result.status === 'retry') {
      metrics.failures.add(1, { code: result?.code ?? 'no_result' });
      return false;
    }
    if (companions > 1) {
      entry.alone = true;
      return false;
    }
    const smaller = result.status === 'too-long' ? shorten(entry.message) : undefined;
    const code = result.status === 'too-long' ? 'too-long' : result.code;
    metrics.failures.add(1, { code });
    const instead =
      smaller ?? entry.refused(code, result.status === 'too-long' ? 'the message is too long' : result.detail);
    if (smaller === undefined) log('error', 'the queue refuses a message for good', { code });
    if (instead === undefined) {
      entries -= 1;
      bytes -= entry.bytes;
      entry.accepted();
      return true;
    }
    bytes -= entry.bytes;
    entry.message = instead;
    entry.bytes = Buffer.byteLength(instead.body);
    bytes += entry.bytes;
    return false;
  }

  function requeue(batch: readonly Entry[]): void {
    queue = [...batch, ...queue.slice(first)];
    first = 0;
  }

  function noteTrouble(code: string, reason: string): void {
    if (trouble?.code !== code) log('error', reason, { code });
    trouble = { code, reason, since: trouble === undefined || trouble.since === 0 ? performance.now() : trouble.since };
  }

  function noteHealth(): void {
    backoff.reset();
    if (trouble === undefined) return;
    if (trouble.code !== '') {
      log('info', 'the queue accepts again', { afterSeconds: Math.round((performance.now() - trouble.since) / 1000) });
    }
    trouble = undefined;
  }

  function wake(): void {
    metrics.buffered.set(entries);
    metrics.bufferedBytes.set(bytes);
    if (waiting.length === 0) return;
    const ready = waiting.filter((each) => each.ready());
    waiting = waiting.filter((each) => !ready.includes(each));
    for (const { resolve } of ready) resolve();
  }

  return {
    push(message, accepted, refused) {
      const size = Buffer.byteLength(message.body);
      queue.push({ message, bytes: size, since: performance.now(), accepted, refused, attempts: 0, alone: false });
      entries += 1;
      bytes += size;
      rate.count();
      metrics.buffered.set(entries);
      metrics.bufferedBytes.set(bytes);
      schedule();
    },
    get full() {
      return entries >= limits.highEntries || bytes >= limits.highBytes;
    },
    get busy() {
      return isBusy();
    },
    room: () => wait(hasRoom),
    empty: () => wait(() => entries === 0),
    discard() {
      discarded = true;
      for (const timer of timers) clearTimeout(timer);
      queue = [];
      first = 0;
    },
    get trouble() {
      return trouble?.reason;
    },
    get size() {
      return entries;
    },
  };
}

/** How often something happens, over about the last half second. */
function createRate(): { count(): void; perSecond(): number } {
  const windowMs = 500;
  let weight = 0;
  let at = performance.now();
  const decay = (): void => {
    const now = performance.now();
    weight *= Math.exp((at - now) / windowMs);
    at = now;
  };
  return {
    count() {
      decay();
      weight += 1;
    },
    perSecond() {
      decay();
      return (weight / windowMs) * 1000;
    },
  };
}

function shorten(message: Outgoing): Outgoing | undefined {
  const parsed = parseMessage(message.body);
  if (parsed.kind !== 'event' || wasCutTo(parsed, message.body)) return undefined;
  const body = shorterMessage(parsed, SMALLER_BODY_BYTES);
  return body === undefined ? undefined : { ...message, body };
}

function wasCutTo(message: EventMessage, body: string): boolean {
  return message.shortened !== undefined && Buffer.byteLength(body) <= SMALLER_BODY_BYTES;
}
