/** The last so many items. */
export interface Ring<T> {
  readonly length: number;
  push(item: T): void;
  /** The newest is 0. */
  at(index: number): T | undefined;
  clear(): void;
  /** A copy, the newest first. */
  items(): readonly T[];
}

export function createRing<T>(capacity: number): Ring<T> {
  let slots: T[] = [];
  let next = 0;
  const at = (index: number): T | undefined =>
    index < 0 || index >= slots.length ? undefined : slots[(next - 1 - index + 2 * capacity) % capacity];
  return {
    get length() {
      return slots.length;
    },
    push(item) {
      slots[next] = item;
      next = (next + 1) % capacity;
    },
    at,
    clear() {
      slots = [];
      next = 0;
    },
    items: () => Array.from(slots, (_slot, index) => at(index)).filter((item) => item !== undefined),
  };
}
