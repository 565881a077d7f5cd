/**
 * A reading that is kept for a while: whoever asks meanwhile gets the same, and two never read at once. After a failure the next one
 * reads again.
 */
export function createKept<T>(read: () => Promise<T>, ms: number, now: () => number = Date.now): () => Promise<T> {
  let kept: { readonly value: Promise<T>; readonly at: number } | undefined;
  return () => {
    if (kept && now() - kept.at < ms) return kept.value;
    const reading = { value: read(), at: now() };
    kept = reading;
    reading.value.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return reading.value;
  };
}
