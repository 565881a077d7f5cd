import type { Letter } from './letter.ts';

/** Counts of letters by code and destination, and the oldest of them. */
export interface Tally {
  readonly add: (letter: Letter) => void;
  readonly rows: () => readonly TallyRow[];
}

export interface TallyRow {
  readonly code: string;
  readonly destination: string;
  readonly count: number;
  readonly oldest: Date;
}

export function createTally(): Tally {
  const rows = new Map<string, TallyRow>();
  return {
    add({ code, destination, failedAt }) {
      const key = JSON.stringify([code, destination]);
      const row = rows.get(key);
      const oldest = row === undefined || failedAt < row.oldest ? failedAt : row.oldest;
      rows.set(key, { code, destination, count: (row?.count ?? 0) + 1, oldest });
    },
    rows: () => [...rows.values()].toSorted((a, b) => b.count - a.count),
  };
}

/** Rows for a person. */
export function tallyLines(rows: readonly TallyRow[], age: (time: Date) => string): readonly string[] {
  const width = Math.max(...rows.map(({ count }) => String(count).length));
  return rows.map(
    ({ code, destination, count, oldest }) =>
      `  ${String(count).padStart(width)}  ${code}  ${destination}  oldest ${age(oldest)} ago`,
  );
}
