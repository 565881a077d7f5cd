import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { widthOf } from './width.ts';

/** A terminal that does not know its size. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/**
 * Draws lines, each time in the place of those of the last time. What stood on the terminal before stays above them, and the
 * last ones stay. Nothing that has left the window at its top can be drawn over, so that lines without room are only counted.
 */
export function liveArea(
  stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number },
): (lines: readonly string[]) => void {
  let shown: readonly string[] = [];
  return (lines) => {
    const columns = stream.columns || DEFAULT_SIZE.columns;
    const rows = stream.rows || DEFAULT_SIZE.rows;
    // Terminals break a line that is wider than the window, also when the window becomes narrower later.
    const height = (line: string): number => Math.max(1, Math.ceil(widthOf(line) / columns));
    const before = shown.reduce((sum, line) => sum + height(line), 0);
    if (before > 0) moveCursor(stream, 0, -before);
    cursorTo(stream, 0);
    clearScreenDown(stream);
    shown = fitting(lines, rows - 1, height);
    stream.write(`${shown.join('\n')}\n`);
  };
}

function fitting(lines: readonly string[], rows: number, height: (line: string) => number): readonly string[] {
  const total = lines.reduce((sum, line) => sum + height(line), 0);
  if (total <= rows) return lines;
  const kept: string[] = [];
  let taken = 1;
  for (const line of lines) {
    taken += height(line);
    if (taken > rows) break;
    kept.push(line);
  }
  return [...kept, `… ${lines.length - kept.length} more lines: this window is too low`];
}
