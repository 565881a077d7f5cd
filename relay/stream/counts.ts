/** How often each event had happened when it was last seen, for `previousCount`. Bounded: the least recently seen are forgotten. */
export interface Counts {
  /** Remembers the count of an event that is seen now. Returns the one remembered before; undefined if there is none. */
  see(uid: string, count: number): number | undefined;
  /** How many events have been forgotten for want of room. */
  readonly forgotten: number;
}

/**
 * @param limit how many events are remembered. One that has happened once takes no room: where nothing was forgotten, an
 * event that is not remembered has happened once or is new.
 */
export function createCounts(limit: number): Counts {
  const known = new Map<string, number>();
  let forgotten = 0;

  function forgetOldest(): void {
    for (const oldest of known.keys()) {
      known.delete(oldest);
      forgotten += 1;
      return;
    }
  }

  return {
    see(uid, count) {
      const previous = known.get(uid);
      // Deleted first, so that it becomes the most recent one.
      if (previous !== undefined) known.delete(uid);
      if (count >= 2) known.set(uid, count);
      if (known.size > limit) forgetOldest();
      return previous;
    },
    get forgotten() {
      return forgotten;
    },
  };
}
