/** Values that are of use for a while, within a bound of memory: those not asked for the longest time are forgotten. */
export interface AgingCache<T> {
  /** The value, even if its time is over; a newer one is due then. */
  get(key: string): { readonly value: T; readonly isDue: boolean } | undefined;
  /** @param bytes that the value takes, more or less. */
  set(key: string, value: T, bytes: number, ageMs: number): void;
  delete(key: string): void;
  readonly bytes: number;
}

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
  readonly dueAt: number;
}

export function createAgingCache<T>(maxBytes: number): AgingCache<T> {
  const entries = new Map<string, Entry<T>>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      // Set anew, so that it becomes the most recent one.
      entries.delete(key);
      entries.set(key, entry);
      return { value: entry.value, isDue: performance.now() >= entry.dueAt };
    },
    set(key, value, size, ageMs) {
      remove(key);
      entries.set(key, { value, bytes: size, dueAt: performance.now() + ageMs });
      bytes += size;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) return;
        remove(oldest);
      }
    },
    delete: remove,
    get bytes() {
      return bytes;
    },
  };
}
