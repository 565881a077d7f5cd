/** A line of two texts compared. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Beyond it, what differs is shown as removed and added whole. Documents have a few hundred lines at most. */
const MAX_CELLS = 4_000_000;

/** What changes from one text to another, by the longest common lines. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const old = linesOf(before);
  const next = linesOf(after);
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end += 1;
  const middle = middleDiff(old.slice(start, old.length - end), next.slice(start, next.length - end));
  return [...as('same', old.slice(0, start)), ...middle, ...as('same', end === 0 ? [] : old.slice(-end))];
}

function middleDiff(old: readonly string[], next: readonly string[]): readonly DiffLine[] {
  if (old.length * next.length > MAX_CELLS) return [...as('removed', old), ...as('added', next)];
  // common[i][j]: how many lines the rests from i and from j have in common.
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(next.length + 1));
  const cell = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = common[i];
    if (!row) continue;
    for (let j = next.length - 1; j >= 0; j -= 1)
      row[j] = old[i] === next[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    const removed = old[i];
    const added = next[j];
    if (removed !== undefined && removed === added) {
      lines.push({ kind: 'same', text: removed });
      i += 1;
      j += 1;
    } else if (removed !== undefined && (added === undefined || cell(i + 1, j) >= cell(i, j + 1))) {
      lines.push({ kind: 'removed', text: removed });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: added ?? '' });
      j += 1;
    }
  }
  return lines;
}

function as(kind: DiffLine['kind'], texts: readonly string[]): readonly DiffLine[] {
  return texts.map((text) => ({ kind, text }));
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n');
}
