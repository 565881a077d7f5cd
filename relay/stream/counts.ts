/**
 * The counts last seen per event uid, for `previousCount`. Bounded: the least recently seen are forgotten, and a count
 * of one is not worth keeping, because a reader assumes it.
 */
export interface Counts {
  /** Notes the count now seen and returns the one seen before, where it is remembered. */
  see(uid: string, count: number): number | undefined;
}

export function createCounts(limit: number): Counts {
  const known = new Map<string, number>();
  return {
    see(uid, count) {
      const previous = known.get(uid);
      if (previous !== undefined) known.delete(uid);
      if (count >= 2) {
        known.set(uid, count);
        if (known.size > limit) {
          for (const oldest of known.keys()) {
            known.delete(oldest);
            break;
          }
        }
      }
      return previous;
    },
  };
}
