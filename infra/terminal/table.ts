import type { Screen, Tone } from './screen.ts';
import { harmless, padded, widthOf, wrapTo } from './width.ts';

export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** Is broken into lines where the terminal is narrow; one column of a table. */
  readonly flexible?: true;
  /** At least so many cells, for tables whose rows come one by one. */
  readonly width?: number;
}

export type Cell = string | { readonly text: string; readonly tone: Tone | undefined };

/** What is told below a row. */
export type Note = Cell;

/** What is typed as it stands: a text with it is left to the terminal to break, so that it can be copied. */
const COMMAND = /\b(?:npm|npx|kubectl|aws) \S/;

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly notes?: readonly Note[];
}

const GAP = '  ';
/** A flexible column narrower than this would be a word a line: the table becomes one cell a line. */
const LEAST_FLEXIBLE = 20;

/**
 * A table for a person, each line within the terminal: columns as wide as what is in them, one that gives way, and where that
 * does not do, a cell a line under its head. Nothing is cut. Texts are made harmless. Without a terminal, lines have any length.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly TableRow[],
  { columns: room = Infinity, paint }: Screen,
  { isHeaded = true, indent = '' } = {},
): readonly string[] {
  const isNamed = isHeaded && columns.some(({ head }) => head !== '');
  const widths = columns.map(({ head, width = 0 }, index) =>
    Math.max(width, isNamed ? widthOf(head) : 0, ...rows.map(({ cells }) => widthOf(harmless(textOf(cells[index]))))),
  );
  const fitted = fit(columns, widths, room - indent.length);
  const notes = ({ notes: all = [] }: TableRow): readonly string[] =>
    all.flatMap((note) => noteLines(note, `${indent}    `, room, paint));
  if (fitted === undefined)
    return rows.flatMap((row) => [...stacked(columns, row, indent, room, paint), ...notes(row)]);
  const heads = columns.map(({ head }): Cell => ({ text: head, tone: 'head' }));
  return [
    ...(isNamed ? rowLines(columns, heads, fitted, paint) : []).map((line) => indent + line),
    ...rows.flatMap((row) => [
      ...rowLines(columns, row.cells, fitted, paint).map((line) => indent + line),
      ...notes(row),
    ]),
  ];
}

/** Some text as lines within the terminal, those after the first further in. */
export function paragraph(text: string, indent: string, { columns: room = Infinity }: Screen): readonly string[] {
  return wrapTo(text, room - indent.length, room).map((line, index) => (index === 0 ? line : indent + line));
}

/** The widths of columns that fit into the room; undefined where there are none. */
function fit(columns: readonly Column[], widths: readonly number[], room: number): readonly number[] | undefined {
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  if (total <= room) return widths;
  const flexible = columns.findIndex((column) => column.flexible);
  const left = (widths[flexible] ?? 0) - (total - room);
  return flexible >= 0 && left >= LEAST_FLEXIBLE
    ? widths.map((width, index) => (index === flexible ? left : width))
    : undefined;
}

function rowLines(
  columns: readonly Column[],
  cells: readonly Cell[],
  widths: readonly number[],
  paint: Screen['paint'],
): readonly string[] {
  const parts = columns.map((_, index) => wrapTo(textOf(cells[index]), widths[index] ?? 0));
  const height = Math.max(...parts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align }, index) => {
        const text = paint(toneOf(cells[index]), parts[index]?.[line] ?? '');
        return padded(text, widths[index] ?? 0, align);
      })
      .join(GAP)
      .trimEnd(),
  );
}

function stacked(
  columns: readonly Column[],
  { cells }: TableRow,
  indent: string,
  room: number,
  paint: Screen['paint'],
): readonly string[] {
  const filled = columns.flatMap(({ head }, index) => {
    const text = harmless(textOf(cells[index])).trim();
    return text === '' ? [] : [{ head, text, tone: toneOf(cells[index]) }];
  });
  // The first with a head tells rows apart; a sign before it stays there.
  const first = filled.findIndex(({ head }) => head !== '');
  const signs = filled.slice(0, Math.max(0, first));
  const sign = signs.map(({ text, tone }) => `${paint(tone, text)} `).join('');
  return filled.slice(signs.length).flatMap(({ head, text, tone }, index) => {
    const before = index === 0 ? indent + sign : `${indent}  `;
    const name = index === 0 || head === '' ? '' : `${head.toLowerCase()}: `;
    const hanging = `${indent}    `;
    const firstRoom = Math.max(1, room - widthOf(before) - name.length);
    const lines = wrapTo(text, Math.max(1, room - hanging.length), firstRoom);
    return lines.map((line, at) => (at === 0 ? `${before}${name}` : hanging) + paint(tone, line));
  });
}

function noteLines(note: Note, indent: string, room: number, paint: Screen['paint']): readonly string[] {
  const text = textOf(note);
  const lines = COMMAND.test(text) ? [harmless(text)] : wrapTo(text, Math.max(1, room - indent.length));
  return lines.map((line) => indent + paint(typeof note === 'string' ? 'detail' : note.tone, line));
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '');
}

function toneOf(cell: Cell | undefined): Tone | undefined {
  return typeof cell === 'object' ? cell.tone : undefined;
}
