import type { Screen } from '../../terminal/screen.ts';
import { tableLines, type Column, type Note, type TableRow } from '../../terminal/table.ts';
import { countText } from '../count.ts';
import { durationText } from '../duration.ts';
import type { Advice } from './advice.ts';
import type { QueueState } from './scan.ts';
import { tallyLines, type TallyRow } from './tally.ts';

/** What was looked at. SQS' own numbers are of messages, each of which may hold several letters. */
interface Seen {
  readonly letters: number;
  readonly messages: number;
  /** Whether letters were left out of a message that was looked at. */
  readonly isCut: boolean;
}

/** The letters of a queue, counted. */
export interface Report extends QueueState {
  readonly owner: string;
  readonly rows: readonly TallyRow[];
  readonly seen: Seen;
  readonly advice: Advice;
}

/** Lines that a program may read, too. */
export function reportLines(report: Report, now: number): readonly string[] {
  const { owner, rows } = report;
  if (rows.length === 0) return [`${owner}: ${noneText(report)}`];
  return [
    `${owner}: ${countText(sum(rows), 'letter')}${partialText(report)}`,
    ...tallyLines(rows, (time) => durationText((now - time.getTime()) / 1000)),
    ...adviceTexts(report).map((text) => `  ${text}`),
    `  ${deletedText(report, now)}`,
  ];
}

const COLUMNS: readonly Column[] = [
  { head: 'QUEUE' },
  { head: 'LETTERS', align: 'right' },
  { head: 'CODE' },
  { head: 'DESTINATION', flexible: true },
  { head: 'OLDEST' },
];

/** All queues in one table; what to do about them is below the last row of each. */
export function reportTable(reports: readonly Report[], now: number, screen: Screen): readonly string[] {
  return tableLines(
    COLUMNS,
    reports.flatMap((report) => rowsOf(report, now)),
    screen,
  );
}

function rowsOf(report: Report, now: number): readonly TableRow[] {
  const { owner, rows } = report;
  if (rows.length === 0) {
    const none = noneText(report);
    return [{ cells: [owner, '0'], notes: none === NONE ? [] : [none] }];
  }
  const notes: readonly Note[] = [
    partialText(report).trim(),
    ...adviceTexts(report),
    { text: deletedText(report, now), tone: 'wait' as const },
  ].filter((note) => note !== '');
  return rows.map(({ code, destination, count, oldest }, index) => ({
    cells: [
      index === 0 ? owner : '',
      { text: String(count), tone: 'act' },
      code,
      destination,
      `${durationText((now - oldest.getTime()) / 1000)} ago`,
    ],
    notes: index === rows.length - 1 ? notes : [],
  }));
}

const NONE = 'no letters';

function noneText(report: Report): string {
  const { letters } = report.seen;
  if (letters === 0 && !isPart(report)) return NONE;
  const none = letters === 0 ? '' : ', none of which meets the conditions';
  return `${countText(letters, 'letter')}${none}${partialText(report)}`;
}

function isPart({ waiting, hidden, seen }: Report): boolean {
  return seen.isCut || waiting + hidden > seen.messages;
}

function partialText(report: Report): string {
  const { waiting, hidden, seen } = report;
  return isPart(report)
    ? ` (${seen.letters} looked at; the queue holds about ${countText(waiting + hidden, 'message')})`
    : '';
}

function adviceTexts({ rows, advice }: Report): readonly string[] {
  return [...new Set(rows.map(({ code }) => code))].flatMap((code) => {
    const text = advice(code);
    return text === undefined ? [] : [`${code}: ${text}`];
  });
}

function deletedText({ owner, rows, retentionSeconds }: Report, now: number): string {
  const oldest = Math.min(...rows.map((row) => row.oldest.getTime()));
  const left = durationText(retentionSeconds - (now - oldest) / 1000);
  return `SQS deletes the oldest in about ${left}: dlq peek ${owner}, dlq replay ${owner}, or dlq export ${owner}`;
}

function sum(rows: readonly TallyRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
