import type { Cell } from '../../terminal/table.ts';
import type { Tone } from '../../terminal/screen.ts';
import { durationText } from '../duration.ts';
import { oneLine } from '../one-line.ts';
import type { Row } from './row.ts';
import type { Failing } from './signals.ts';

/** A destination that fails. */
export function failingRow(failing: Failing, now: number): Row {
  const { destination, retrying, givenUp, rejected, code, detail, attempts, at } = failing;
  const age = durationText((now - at) / 1000);
  const counted = (count: number, tone: Tone): Cell => ({ text: String(count), tone: count > 0 ? tone : undefined });
  return {
    needsYou: true,
    text: `${destination}: ${countsText(failing)}, ${code}, attempt ${attempts}, last ${age} ago${detail === '' ? '' : ` (${oneLine(detail)})`}`,
    data: { kind: 'failing', ...failing, at: new Date(at).toISOString() },
    shown: {
      table: 'destinations',
      cells: [
        destination,
        counted(retrying, 'wait'),
        counted(givenUp, 'act'),
        counted(rejected, 'act'),
        code,
        String(attempts),
        `${age} ago`,
      ],
      notes: detail === '' ? [] : [oneLine(detail)],
    },
  };
}

/** How many events fail at a destination, and how. */
export function countsText({ retrying, givenUp, rejected }: Failing): string {
  return Object.entries({ retrying, 'given up': givenUp, rejected })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}
