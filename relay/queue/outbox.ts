import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { createBackoff, retryDelayMs } from '../wait.ts';
import { type BacklogLimits, createBacklog, type Entry, type Refused } from './backlog.ts';
import { nextBatch } from './batch.ts';
import type { Outgoing } from './message.ts';
import { createQueueHealth } from './queue-health.ts';
import { createRate } from './rate.ts';
import { type Fate, settle } from './settle.ts';
import type { SendBatch } from './sqs.ts';
import type { SendResult, Unavailable } from './sqs-fault.ts';

/** The outbox' bounds and its rhythm. */
export interface OutboxLimits extends BacklogLimits {
  /** How many calls may be under way at once. */
  readonly inFlight: number;
  /** How long a batch that is not full gathers messages while other calls are under way, or at a high rate. */
  readonly gatherMs: number;
  /**
   * Messages per second that are a high rate: a call for each would take more processor time than a relay should, and the
   * next message is never far.
   */
  readonly highRate: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  inFlight: 8,
  highEntries: 500,
  highBytes: 768 * 1024,
  lowEntries: 160,
  lowBytes: 256 * 1024,
  gatherMs: 8,
  highRate: 600,
  retryBaseMs: 100,
  retryCapMs: 1000,
};

/** Messages on their way to the queue. */
export interface Outbox {
  /**
   * Takes a message. `accepted` is called once it is on the queue, or what `refused` gave in its place. A message without
   * `refused` is sure to be in order.
   */
  push(message: Outgoing, accepted: () => void, refused?: Refused): void;
  readonly full: boolean;
  /** Whether messages come at a high rate, so that batches gather them. */
  readonly atHighRate: boolean;
  /** Resolves once there is room again. */
  room(): Promise<void>;
  /** Resolves once everything is on the queue. */
  empty(): Promise<void>;
  /** Starts no more calls; what waits is forgotten. */
  discard(): void;
  /** Why the queue does not accept; undefined while it does. Before the first answer: that there is none yet. */
  readonly trouble: string | undefined;
  /** For how long the queue has not accepted anything although it was asked to, in milliseconds. */
  readonly failingMs: number;
  readonly size: number;
}

export interface OutboxPorts {
  readonly send: SendBatch;
  /** A message without consequences, which shows whether the queue accepts anything. */
  readonly probe: () => Outgoing;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
}

/**
 * Sends messages in batches. An idle outbox sends at once; batches form while other calls are under way, or at a high
 * rate. Entries that failed are sent again; when the queue as a whole does not answer, one call at a time tries again.
 * Nothing is dropped.
 */
export function createOutbox({ send, probe, metrics, log }: OutboxPorts, limits: OutboxLimits = OUTBOX_LIMITS): Outbox {
  const backlog = createBacklog(limits);
  const health = createQueueHealth(log);
  const rate = createRate();
  const backoff = createBackoff(limits.retryBaseMs, limits.retryCapMs);
  let calls = 0;
  let acceptances = 0;
  /** Refused by themselves, and held back until the queue has accepted something else. */
  let suspects: readonly Entry[] = [];
  let scheduled = false;
  let gathering = false;
  /** A probe is on its way. */
  let probing = false;
  /** The queue did not answer, and the pause after that is not over. */
  let pausing = false;
  let discarded = false;

  const isAtHighRate = (): boolean => rate.perSecond() > limits.highRate;

  /** Pumps after the chunk that is being read, so that its events travel together. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  }

  /** Starts as many calls as there may be and there are batches for. */
  function pump(): void {
    while (!discarded && !pausing && calls < (health.trouble === undefined ? limits.inFlight : 1)) {
      const { size, waitMs } = nextBatch(backlog, calls > 0 || isAtHighRate(), limits.gatherMs, performance.now());
      if (size === 0) return;
      if (waitMs > 0) {
        gather(waitMs);
        return;
      }
      void call(backlog.take(size));
    }
  }

  function gather(ms: number): void {
    if (gathering) return;
    gathering = true;
    setTimeout(() => {
      gathering = false;
      pump();
    }, ms);
  }

  async function call(batch: readonly Entry[]): Promise<void> {
    const started = performance.now();
    setCalls(calls + 1);
    const result = await send(batch.map(({ message }) => message));
    setCalls(calls - 1);
    if (discarded) return;
    metrics.sendSeconds.observe((performance.now() - started) / 1000);
    if (result.status === 'answered') answered(batch, result.results, started);
    else unavailable(batch, result, started);
    showBacklog();
    pump();
  }

  /** The queue as a whole does not accept: everything goes back, and after a pause one call tries again. */
  function unavailable(batch: readonly Entry[], { code, reason }: Omit<Unavailable, 'status'>, started: number): void {
    health.failed(code, reason, started);
    metrics.failures.add(1, { code });
    metrics.retries.add(batch.length);
    backlog.putBack(batch);
    pausing = true;
    setTimeout(() => {
      pausing = false;
      pump();
    }, backoff.next());
  }

  function answered(batch: readonly Entry[], results: readonly SendResult[], started: number): void {
    const again: Entry[] = [];
    for (const [i, entry] of batch.entries()) {
      const fate = settle(entry, results[i], batch.length, acceptances);
      if (fate.kind === 'accepted') accepted(entry);
      else failed(entry, fate, started);
      if (fate.kind === 'again') again.push(fate.entry);
    }
    sendAgain(again);
  }

  function failed(entry: Entry, fate: Exclude<Fate, { readonly kind: 'accepted' }>, started: number): void {
    backlog.replace(entry, fate.entry);
    if (fate.kind === 'waits') unavailable([fate.entry], fate, started);
    else metrics.failures.add(1, { code: fate.code });
    if (fate.kind !== 'suspect') return;
    suspects = [...suspects, fate.entry];
    sendProbe();
  }

  function accepted(entry: Entry): void {
    health.accepted();
    backoff.reset();
    metrics.sent.add(1);
    acceptances += 1;
    if (suspects.length > 0) {
      backlog.putBack(suspects);
      suspects = [];
    }
    backlog.remove(entry);
    entry.standsFor?.sent();
    entry.accepted();
  }

  function sendProbe(): void {
    if (probing) return;
    probing = true;
    backlog.addFirst(newEntry(probe(), () => (probing = false), undefined));
  }

  function sendAgain(failed: readonly Entry[]): void {
    if (failed.length === 0) return;
    metrics.retries.add(failed.length);
    const attempts = Math.max(...failed.map((entry) => entry.attempts));
    setTimeout(
      () => {
        backlog.putBack(failed);
        pump();
      },
      retryDelayMs(attempts, limits.retryBaseMs, limits.retryCapMs),
    );
  }

  function setCalls(count: number): void {
    calls = count;
    metrics.inFlight.set(count);
  }

  function showBacklog(): void {
    metrics.buffered.set(backlog.entries);
    metrics.bufferedBytes.set(backlog.bytes);
  }

  return {
    push(message, whenAccepted, refused) {
      backlog.add(newEntry(message, whenAccepted, refused));
      rate.count();
      showBacklog();
      schedule();
    },
    get full() {
      return backlog.full;
    },
    get atHighRate() {
      return isAtHighRate();
    },
    room: () => backlog.room(),
    empty: () => backlog.empty(),
    discard() {
      discarded = true;
      backlog.clear();
    },
    get trouble() {
      return health.trouble;
    },
    get failingMs() {
      return health.failingMs;
    },
    get size() {
      return backlog.entries;
    },
  };
}

function newEntry(message: Outgoing, accepted: () => void, refused: Refused | undefined): Entry {
  return {
    message,
    bytes: Buffer.byteLength(message.body),
    pushedAt: performance.now(),
    attempts: 0,
    isolated: false,
    accepted,
    refused,
    refusedAfter: undefined,
    standsFor: undefined,
  };
}
