import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainScreen, type Screen } from '../../../infra/terminal/screen.ts';
import { paragraph, tableLines, type Column, type TableRow } from '../../../infra/terminal/table.ts';
import { widthOf } from '../../../infra/terminal/width.ts';
import { anyText } from '../../support/any-text.ts';

const COLUMNS: readonly Column[] = [
  { head: 'NAME' },
  { head: 'COUNT', align: 'right' },
  { head: 'WHY', flexible: true },
];

/** Paints in words, so that a test sees what is painted. */
function screen(columns: number): Screen {
  return { columns, paint: (_tone, text) => text };
}

const painted: Screen = { columns: 60, paint: (tone, text) => (tone ? `<${tone} ${text}>` : text) };

test('aligns columns by cells, with a head', () => {
  const rows = [{ cells: ['钉钉/运维', '7', 'short'] }, { cells: ['dingtalk/ops', '1200', ''] }];

  expect(tableLines(COLUMNS, rows, screen(80))).toEqual([
    'NAME          COUNT  WHY',
    '钉钉/运维         7  short',
    'dingtalk/ops   1200',
  ]);
});

test('breaks the column that gives way where the terminal is narrow', () => {
  const rows = [{ cells: ['a', '1', 'this is more than there is room for'] }];

  expect(tableLines(COLUMNS, rows, screen(36))).toEqual([
    'NAME  COUNT  WHY',
    'a         1  this is more than there',
    '             is room for',
  ]);
});

test('becomes a cell a line where columns have no room, and leaves out what is empty', () => {
  const rows = [{ cells: ['a-name', '1', 'this is more than there is room for'] }, { cells: ['b', '', 'x'] }];

  expect(tableLines(COLUMNS, rows, screen(24))).toEqual([
    'a-name',
    '  count: 1',
    '  why: this is more than',
    '    there is room for',
    'b',
    '  why: x',
  ]);
});

test('a sign before the first named column stays before it', () => {
  const rows = [{ cells: ['!', 'a-name', 'this is more than there is room for'] }];
  const columns = [{ head: '' }, { head: 'NAME' }, { head: 'WHY' }];

  expect(tableLines(columns, rows, screen(24))).toEqual([
    '! a-name',
    '  why: this is more than',
    '    there is room for',
  ]);
});

test('has notes below a row; one with a command stays in one piece, to be copied', () => {
  const command = 'npm run -s ops -- resume webhook --stack a-name-that-is-long';
  const rows = [
    { cells: ['a', '1', 'x'], notes: ['a note that has to be broken', { text: command, tone: undefined }] },
  ];

  expect(tableLines(COLUMNS, rows, screen(24)).slice(1)).toEqual([
    'a         1  x',
    '    a note that has to',
    '    be broken',
    `    ${command}`,
  ]);
});

test('paints cells by what they say, and the blanks beside them not at all', () => {
  const rows = [{ cells: [{ text: 'a', tone: 'act' }, '1', 'x'], notes: ['said'] }] satisfies readonly TableRow[];

  expect(tableLines(COLUMNS, rows, painted)[1]).toContain('<act a>');
  expect(tableLines(COLUMNS, rows, painted)[2]).toBe('    <detail said>');
});

test('without heads it has no line for them, and without a terminal no end of a line', () => {
  const rows = [{ cells: ['a', 'x'.repeat(200)] }];

  expect(tableLines([{ head: '' }, { head: '' }], rows, plainScreen, { indent: '  ' })).toEqual([
    `  a  ${'x'.repeat(200)}`,
  ]);
});

test('whatever is in it, no line is wider than the terminal, and nothing steers it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyText(60), anyText(60), anyText(60))),
      fc.integer({ min: 12, max: 120 }),
      (rows, columns) => {
        for (const line of tableLines(
          COLUMNS,
          rows.map((cells) => ({ cells, notes: [cells[0]] })),
          screen(columns),
        )) {
          expect(widthOf(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      },
    ),
  );
});

test('a paragraph hangs below its first line', () => {
  expect(paragraph('one two three four', '  ', screen(9))).toEqual(['one two', '  three', '  four']);
});
