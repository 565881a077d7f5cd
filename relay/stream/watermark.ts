/** How far a stream has come: every version up to `rv` is on the queue, and it was watched until `observedAt`. */
export interface Cursor {
  /** Absent until the first list is on the queue. */
  readonly rv?: string;
  /** RFC 3339, by the API server's clock. Without `rv`: the instant of the first start, from which the look-back counts. */
  readonly observedAt: string;
}

/** Something read that is not yet in the accepted prefix. */
interface Pending {
  /** The version that holds from here on, if the item has one. */
  after: string | undefined;
  observedMs: number;
  done: boolean;
}

/**
 * The contiguous accepted prefix of a stream. Sends overtake each other; the cursor may only move to a version when
 * everything before it was accepted, so that a crash at any instant repeats events and never skips one.
 * Instants are epoch milliseconds of the API server's clock; 0 says nothing.
 */
export interface Watermark {
  /**
   * Adds what was read, and returns what is to be called once it is accepted.
   * @param after the version that holds once this item and all before it are accepted, if it has one.
   * @param observedMs until when the stream was watched when this was read.
   */
  add(after: string | undefined, observedMs: number): () => void;
  /** Notes a version, and until when the stream was watched, that hold once everything added so far is accepted. */
  reach(after: string, observedMs: number): void;
  /** Notes until when the stream was watched, which holds once everything added so far is accepted. */
  observe(observedMs: number): void;
  readonly rv: string | undefined;
  readonly observedMs: number;
  /** How many items are not yet in the accepted prefix. */
  readonly size: number;
  /** Resolves once at most `size` items are not. */
  below(size: number): Promise<void>;
}

export function createWatermark(start: { readonly rv?: string | undefined; readonly observedMs: number }): Watermark {
  let { rv, observedMs } = start;
  let items: Pending[] = [];
  /** Where the pending items begin: what precedes it is removed now and then, not each time. */
  let first = 0;
  let waiting: { size: number; resolve: () => void }[] = [];

  function advance({ after, observedMs: seenMs }: Omit<Pending, 'done'>): void {
    if (after !== undefined) rv = after;
    observedMs = Math.max(observedMs, seenMs);
  }

  function settle(): void {
    for (let item = items[first]; item?.done === true; item = items[first]) {
      advance(item);
      first += 1;
    }
    if (first > 1024 || first === items.length) {
      items = items.slice(first);
      first = 0;
    }
    wake(items.length - first);
  }

  function wake(left: number): void {
    const ready = waiting.filter(({ size }) => left <= size);
    if (ready.length === 0) return;
    waiting = waiting.filter(({ size }) => left > size);
    for (const { resolve } of ready) resolve();
  }

  return {
    add(after, seenMs) {
      const item: Pending = { after, observedMs: seenMs, done: false };
      items.push(item);
      return () => {
        item.done = true;
        if (items[first] === item) settle();
      };
    },
    reach(after, seenMs) {
      const last = items.at(-1);
      if (last === undefined) {
        advance({ after, observedMs: seenMs });
        return;
      }
      last.after = after;
      last.observedMs = Math.max(last.observedMs, seenMs);
    },
    observe(seenMs) {
      const last = items.at(-1);
      if (last === undefined) observedMs = Math.max(observedMs, seenMs);
      else last.observedMs = Math.max(last.observedMs, seenMs);
    },
    get rv() {
      return rv;
    },
    get observedMs() {
      return observedMs;
    },
    get size() {
      return items.length - first;
    },
    below(size) {
      if (items.length - first <= size) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push({ size, resolve });
      });
    },
  };
}
