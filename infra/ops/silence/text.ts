import type { Silence } from '../../../functions/core/destinations/silence.ts';
import type { Cell, Column, TableRow } from '../../terminal/table.ts';
import { durationText } from '../duration.ts';
import { ruleText } from '../why.ts';
import { oneLine } from '../one-line.ts';

/** When a silence ends, as people type it. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export const SILENCE_COLUMNS: readonly Column[] = [
  { head: 'SILENCE' },
  { head: 'ENDS' },
  { head: 'HELD', align: 'right' },
  { head: 'BY' },
  { head: 'WHY', flexible: true },
];

/** A silence in these columns, and below it what it covers. What it has held is not known of a folder. */
export function silenceCells(
  { name, until, why, by, match }: Silence,
  now: number,
  held: number | undefined,
): TableRow {
  const left = until - now;
  const ends: Cell =
    left > 0 ? `in ${durationText(left / 1000)}` : { text: `ended ${durationText(-left / 1000)} ago`, tone: 'detail' };
  const count: Cell = { text: held === undefined ? '' : String(held), tone: held ? 'wait' : undefined };
  return {
    cells: [name, ends, count, oneLine(by), oneLine(why)],
    notes: [`holds ${oneLine(match.map(ruleText).join(', or '))}`],
  };
}

/** A silence for people: its end, its author and reason, and what it covers. */
export function silenceText({ name, until, why, by, match }: Silence, now: number): string {
  const left = until - now;
  const end =
    left > 0
      ? `until ${timeText(until)} (${durationText(left / 1000)} left)`
      : `ended ${durationText(-left / 1000)} ago`;
  return `${name}: ${end}, by ${oneLine(by)}: ${oneLine(why)}; holds ${oneLine(match.map(ruleText).join(', or '))}`;
}
