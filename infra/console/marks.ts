import type { Attempt, Marks } from './contract.ts';

/** How many destinations have each status: that of their newest attempt. */
export function marksOf(attempts: ReadonlyMap<string, readonly Attempt[]>): Marks {
  const statuses = [...attempts.values()].flatMap((list) => list.at(-1)?.status ?? []);
  const counts = Map.groupBy(statuses, (status) => status);
  return Object.fromEntries([...counts].map(([status, list]) => [status, list.length]));
}
