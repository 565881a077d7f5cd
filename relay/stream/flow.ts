import type { Outbox } from '../queue/outbox.ts';
import { unlessAborted } from '../wait.ts';
import type { Watermark } from './watermark.ts';

/** Holds a stream back while what it has read waits to be sent, and knows when it last moved. */
export interface Flow {
  /** Resolves once there is room to begin something: the outbox is below its low mark. */
  room(signal: AbortSignal): Promise<void>;
  /** To be awaited between chunks of what is being read: resolves at once, unless too much waits to be sent. */
  ease(signal: AbortSignal): Promise<void>;
  /** Resolves once everything read is on the queue. */
  drained(signal: AbortSignal): Promise<void>;
  /** Something was read, or is about to be. */
  moved(): void;
  /** Whether the stream waits for the queue. */
  readonly isHeld: boolean;
  /** For how long it has not moved although it does not wait for the queue, in milliseconds. */
  readonly idleMs: number;
}

/** A stream reads no further while more than this is not accepted, even if the outbox has room: one item may hold up all. */
const MAX_PENDING = 20_000;

export function createFlow(outbox: Outbox, watermark: Watermark): Flow {
  let isHeld = false;
  let movedAt = performance.now();

  async function hold(promise: Promise<void>, signal: AbortSignal): Promise<void> {
    isHeld = true;
    try {
      await unlessAborted(promise, signal);
    } finally {
      isHeld = false;
      movedAt = performance.now();
    }
  }

  return {
    room: (signal) => hold(outbox.room(), signal),
    drained: (signal) => hold(watermark.below(0), signal),
    async ease(signal) {
      if (outbox.full) await hold(outbox.room(), signal);
      if (watermark.size > MAX_PENDING) await hold(watermark.below(MAX_PENDING / 2), signal);
    },
    moved() {
      movedAt = performance.now();
    },
    get isHeld() {
      return isHeld;
    },
    get idleMs() {
      return isHeld ? 0 : performance.now() - movedAt;
    },
  };
}
