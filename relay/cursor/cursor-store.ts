import { randomUUID } from 'node:crypto';
import type { Cursor } from '../stream/watermark.ts';

/** The cursors of all streams, by stream name (`*` or a namespace). */
export type Cursors = Readonly<Record<string, Cursor>>;

/** What a store asks of the relay whose cursors it keeps. */
export interface CursorOwner {
  /** What is to be saved; undefined while the saved cursors (or their absence) must stand as they are. */
  cursors(): Cursors | undefined;
  /** Whether it can send: the queue has accepted something in this tenure, and still does. */
  canSend(): boolean;
}

/** The time in which this relay is the one that sends. */
export interface Tenure {
  /** Identifies the installation: two of them under one cluster name differ here. */
  readonly installation: string;
  /** What the predecessor saved. */
  readonly saved: Cursors;
  /** Something was saved before, and it is gone or cannot be read. */
  readonly cursorLost: boolean;
  /** Aborts when this relay must stop sending, because another one may. */
  readonly lost: AbortSignal;
  /** For how long a relay may be unable to send before it should let another one try, in milliseconds. */
  readonly patienceMs: number;
  /** Saves what its owner gives; resolves once it is saved or the tenure is lost. */
  readonly save: () => Promise<void>;
  /**
   * Saves a last time and lets the next one in. Never rejects.
   * @param cannotSend whether that is why: then this relay stands back for a while, and the next one is more patient.
   */
  release(cannotSend?: boolean): Promise<void>;
}

/** While a store waits for its turn: why it may wait for ever (`trouble`), or whom it waits for. */
export interface StoreState {
  readonly trouble?: string;
  readonly text?: string;
}

/** Where cursors are kept, and who may move them. */
export interface CursorStore {
  /** Resolves when this relay may send; undefined if the signal aborts first. */
  acquire(owner: CursorOwner, signal: AbortSignal): Promise<Tenure | undefined>;
  state(): StoreState;
}

/** For trying things out: a restart looks back as a first start does. */
export function noCursorStore(): CursorStore {
  return {
    state: () => ({}),
    acquire: async () => ({
      installation: randomUUID(),
      saved: {},
      cursorLost: false,
      lost: new AbortController().signal,
      patienceMs: Infinity,
      save: async () => {},
      release: async () => {},
    }),
  };
}
