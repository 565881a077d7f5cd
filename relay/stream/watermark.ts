/** How far a stream has come: every version up to `rv` is on the queue, and it was watched until `observedAt`. */
export interface Cursor {
  /** Absent until the first list is on the queue. */
  readonly rv?: string;
  /** RFC 3339, by the API server's clock. Without `rv`: the instant of the first start, from which the look-back counts. */
  readonly observedAt: string;
}

interface Pending {
  after: string | undefined;
  observedMs: number;
  done: boolean;
}

/**
 * The contiguous accepted prefix of a stream. Sends overtake each other; the cursor may only move to a version when
 * everything before it was accepted, so that a crash at any instant repeats events and never skips one.
 */
export interface Watermark {
  /** Adds the next item. `after` is the version that holds once it and all before it are accepted, if it has one. */
  add(after: string | undefined, observedMs: number): () => void;
  /** Notes that `after` holds once all items so far are accepted. */
  mark(after: string, observedMs: number): void;
  /** Notes that the stream was watched until this instant. */
  observe(observedMs: number): void;
  readonly rv: string | undefined;
  readonly observedMs: number;
  /** Items not yet in the accepted prefix. */
  readonly size: number;
  /** Resolves once at most `size` items are pending. */
  below(size: number): Promise<void>;
}

export function createWatermark(start: { rv?: string | undefined; observedMs: number }): Watermark {
  let { rv, observedMs } = start;
  let items: Pending[] = [];
  let first = 0;
  let waiting: { size: number; resolve: () => void }[] = [];

  function advance(item: Pending): void {
    if (item.after !== undefined) rv = item.after;
    observedMs = Math.max(observedMs, item.observedMs);
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
    const left = items.length - first;
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
    mark(after, seenMs) {
      const last = items.at(-1);
      if (last === undefined) {
        advance({ after, observedMs: seenMs, done: true });
      } else {
        last.after = after;
        last.observedMs = seenMs;
      }
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
