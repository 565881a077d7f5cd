/** Allows so many requests within any second. */
export function createRequestBudget(perSecond: number): () => boolean {
  const times: number[] = [];
  return () => {
    const now = performance.now();
    const oldest = times[0];
    if (oldest !== undefined && times.length === perSecond) {
      if (now - oldest < 1000) return false;
      times.shift();
    }
    times.push(now);
    return true;
  };
}
