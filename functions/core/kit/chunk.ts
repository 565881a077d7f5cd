/** What a service accepts in one request. */
export interface ChunkLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/**
 * Splits items, in their order, into the fewest runs within the limits. An item that is too large by itself forms a run of
 * its own: whether it is refused is for the service to say.
 */
export function chunk<T>(
  items: readonly T[],
  limits: ChunkLimits,
  bytesOf: (item: T) => number,
): readonly (readonly T[])[] {
  const runs: T[][] = [];
  let run: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (run.length > 0 && (run.length >= limits.maxItems || bytes + size > limits.maxBytes)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(item);
    bytes += size;
  }
  return run.length > 0 ? [...runs, run] : runs;
}
