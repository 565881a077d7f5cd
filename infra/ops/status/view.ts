import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableLines, type Column, type TableRow } from '../../terminal/table.ts';
import { countText, plural } from '../count.ts';
import { SILENCE_COLUMNS } from '../silence/text.ts';
import type { Row, TableName } from './row.ts';

/** Whether a row needs somebody is said by a sign as well, for those who see no colours. */
const SIGN: Column = { head: '', width: 1 };

const TABLES: Readonly<Record<TableName, readonly Column[]>> = {
  queues: [
    SIGN,
    { head: 'QUEUE' },
    { head: 'WAITING', align: 'right' },
    { head: 'IN FLIGHT', align: 'right' },
    { head: 'OLDEST' },
    { head: 'DEAD LETTERS', align: 'right' },
    { head: 'OLDEST LETTER' },
  ],
  destinations: [
    SIGN,
    { head: 'DESTINATION' },
    { head: 'RETRYING', align: 'right' },
    { head: 'GIVEN UP', align: 'right' },
    { head: 'REJECTED', align: 'right' },
    { head: 'CODE' },
    { head: 'ATTEMPT', align: 'right' },
    { head: 'LAST' },
  ],
  clusters: [SIGN, { head: 'CLUSTER' }, { head: 'HEARTBEAT' }, { head: 'RELAY' }, { head: 'ENRICHES' }],
  silences: [SIGN, ...SILENCE_COLUMNS],
};

const NAMES: readonly TableName[] = ['queues', 'destinations', 'clusters', 'silences'];

/** A row as a program may read it: a line that says it all. */
export function plainLine({ needsYou, text, command }: Row): string {
  return `${needsYou ? '!' : ' '} ${text}${command === undefined ? '' : `: ${command}`}`;
}

/** How many rows need somebody. */
export function verdictLine(rows: readonly Row[], { paint }: Screen): string {
  const needing = rows.filter(({ needsYou }) => needsYou).length;
  if (needing === 0) return paint('detail', 'nothing here needs you');
  return paint('act', `${countText(needing, 'thing')} ${plural(needing, 'need', 'needs')} you`);
}

/** What a stack looks like on a terminal: a table for each kind of thing, and lines for the rest. */
export function statusLines(rows: readonly Row[], screen: Screen): readonly string[] {
  const tables = NAMES.map((table) =>
    tableLines(
      TABLES[table],
      rows.flatMap((row) => inTable(row, table)),
      screen,
    ),
  );
  const rest = rows.filter(({ shown }) => shown === undefined).flatMap((row) => lineOf(row, screen));
  const parts = [...tables.filter((lines) => lines.length > 1), rest].filter((lines) => lines.length > 0);
  return parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function inTable({ needsYou, command, shown }: Row, table: TableName): readonly TableRow[] {
  if (shown?.table !== table) return [];
  const sign = needsYou ? ({ text: '!', tone: 'act' } as const) : '';
  const notes = [...(shown.notes ?? []), ...(command === undefined ? [] : [{ text: command, tone: undefined }])];
  return [{ cells: [sign, ...shown.cells], notes }];
}

function lineOf({ needsYou, text, command }: Row, screen: Screen): readonly string[] {
  const [first = '', ...others] = paragraph(
    `${needsYou ? '!' : ' '} ${text}${command === undefined ? '' : ':'}`,
    '    ',
    screen,
  );
  const lines = [first, ...others].map((line) => screen.paint(needsYou ? 'act' : undefined, line));
  return command === undefined ? lines : [...lines, `    ${command}`];
}
