import type { SendBudget } from '../config.ts';
import type { Logger } from '../log.ts';
import type { RelayMetrics } from '../metrics.ts';
import { createBackoff, retryDelayMs } from '../wait.ts';
import { type BacklogLimits, createBacklog, type Entry, eventsIn, type Refused } from './backlog.ts';
import { batchSize } from './batch.ts';
import { isTooLong } from './envelope.ts';
import { createGathering } from './gathering.ts';
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
  /** Events per second that are a high rate: they are read several at a time then, because the next one is never far. */
  readonly highRate: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  inFlight: 8,
  highEvents: 2000,
  highBytes: 768 * 1024,
  lowEvents: 600,
  lowBytes: 256 * 1024,
  highRate: 600,
  retryBaseMs: 100,
  retryCapMs: 1000,
};

/** Messages on their way to the queue. */
export interface Outbox {
  /**
   * Takes a message. An event travels with others, as the budget says; all else goes at once. `accepted` is called once it is
   * on the queue, or what `refused` gave in its place. A message without `refused` is sure to be in order.
   */
  push(message: Outgoing, accepted: () => void, refused?: Refused): void;
  readonly full: boolean;
  /** Whether messages come at a high rate. */
  readonly atHighRate: boolean;
  /** Resolves once there is room again. */
  room(): Promise<void>;
  /** Sends all that waits, whatever the budget says, and resolves once everything is on the queue. */
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
  readonly cluster: string;
  readonly budget: SendBudget;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
}

/**
 * Sends events in envelopes, as often as the budget allows: a quiet cluster's at once, those of a steady flow together. Entries
 * that failed are sent again; when the queue as a whole does not answer, one call at a time tries again, and envelopes fill
 * meanwhile. Nothing is dropped.
 */
export function createOutbox(
  { send, probe, cluster, budget, metrics, log }: OutboxPorts,
  limits: OutboxLimits = OUTBOX_LIMITS,
): Outbox {
  const backlog = createBacklog(limits);
  const gathering = createGathering(cluster, budget);
  const health = createQueueHealth(log);
  const rate = createRate();
  const backoff = createBackoff(limits.retryBaseMs, limits.retryCapMs);
  let calls = 0;
  let acceptances = 0;
  /** Refused by themselves, and held back until the queue has accepted something else. */
  let suspects: readonly Entry[] = [];
  let scheduled = false;
  /** Until the budget allows the next envelope. */
  let waiting: NodeJS.Timeout | undefined;
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

  const mayCall = (): boolean => !discarded && !pausing && calls < (health.trouble === undefined ? limits.inFlight : 1);

  /** Starts as many calls as there may be and there is something for. */
  function pump(): void {
    while (mayCall()) {
      // What is closed goes first: while it waits, what is open may go on gathering.
      if (backlog.at(0) === undefined) for (const entry of gathering.allowed()) backlog.add(entry);
      const size = batchSize(backlog);
      if (size === 0) {
        waitForBudget();
        return;
      }
      void call(backlog.take(size));
    }
  }

  /** A Warning may be due before what waits already. */
  function waitForBudget(): void {
    clearTimeout(waiting);
    const ms = gathering.waitMs();
    waiting = ms === undefined ? undefined : setTimeout(pump, ms);
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
      if (fate.kind === 'again' || fate.kind === 'apart') again.push(...formsOf(fate));
    }
    sendAgain(again);
  }

  function failed(entry: Entry, fate: Exclude<Fate, { readonly kind: 'accepted' }>, started: number): void {
    const forms = formsOf(fate);
    backlog.replace(entry, forms);
    if (fate.kind === 'waits') unavailable(forms, fate, started);
    else metrics.failures.add(1, { code: fate.code });
    if (fate.kind !== 'suspect') return;
    suspects = [...suspects, fate.entry];
    sendProbe();
  }

  function accepted(entry: Entry): void {
    health.accepted();
    backoff.reset();
    metrics.sent.add(eventsIn(entry));
    metrics.messages.add(1);
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
    metrics.buffered.set(backlog.events + gathering.size);
    metrics.bufferedBytes.set(backlog.bytes);
  }

  return {
    push(message, whenAccepted, refused) {
      const entry = newEntry(message, whenAccepted, refused);
      const isAlone = message.lane === undefined || isTooLong(entry);
      for (const due of isAlone ? [entry] : gathering.add(message.lane, entry)) backlog.add(due);
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
    empty() {
      for (const entry of gathering.flush()) backlog.add(entry);
      schedule();
      return backlog.empty();
    },
    discard() {
      discarded = true;
      clearTimeout(waiting);
      backlog.clear();
    },
    get trouble() {
      return health.trouble;
    },
    get failingMs() {
      return health.failingMs;
    },
    get size() {
      return backlog.events + gathering.size;
    },
  };
}

/** What a failed entry becomes. */
function formsOf(fate: Exclude<Fate, { readonly kind: 'accepted' }>): readonly Entry[] {
  return fate.kind === 'apart' ? fate.parts : [fate.entry];
}

function newEntry(message: Outgoing, accepted: () => void, refused: Refused | undefined): Entry {
  return {
    message,
    bytes: Buffer.byteLength(message.body),
    parts: [],
    attempts: 0,
    isolated: false,
    accepted,
    refused,
    refusedAfter: undefined,
    standsFor: undefined,
  };
}
