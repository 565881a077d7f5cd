import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutTo, padded, widthOf, wrapTo } from '../../../infra/terminal/width.ts';
import { anyText } from '../../support/any-text.ts';

test.each([
  ['', 0],
  ['plain', 5],
  ['钉钉群', 6],
  ['カタカナ', 8],
  ['ｶﾀｶﾅ', 4],
  ['한글', 4],
  ['，。！', 6],
  ['𠮷', 2],
  ['🔴🟠🔵💡', 8],
  ['⚠️', 2],
  ['é', 1],
  ['e\u0301', 1],
  ['a\u200Bb', 2],
  ['… · → │', 7],
  ['\u001B[31mred\u001B[39m', 3],
])('%j takes %i cells', (text, cells) => {
  expect(widthOf(text)).toBe(cells);
});

test('pads by cells, on either side, and leaves what is too long', () => {
  expect([padded('钉钉', 6), padded('钉钉', 6, 'right'), padded('long', 2)]).toEqual(['钉钉  ', '  钉钉', 'long']);
});

test('cuts between characters, with a sign that it did', () => {
  expect([cutTo('abcdef', 6), cutTo('abcdefg', 6), cutTo('钉钉群机器人', 6), cutTo('a\nb', 6)]).toEqual([
    'abcdef',
    'abcde…',
    '钉钉…',
    'a b',
  ]);
});

test('breaks at blanks, and within what is longer than a line', () => {
  expect(wrapTo('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapTo('one abcdefghij', 4)).toEqual(['one', 'abcd', 'efgh', 'ij']);
  expect(wrapTo('钉钉群机器人', 5)).toEqual(['钉钉', '群机', '器人']);
});

test('gives the first line the room that is left for it, even none', () => {
  expect(wrapTo('one two three', 7, 3)).toEqual(['one', 'two', 'three']);
  expect(wrapTo('one two', 7, 1)).toEqual(['', 'one two']);
});

test('whatever the text, no line is wider than the room, holds what steers a terminal, or loses a character', () => {
  const rooms = fc.integer({ min: 2, max: 40 });
  fc.assert(
    fc.property(anyText(60), rooms, rooms, (text, width, first) => {
      const lines = wrapTo(text, width, first);

      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, first));
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
      const letters = (all: string): string => all.replace(/[\s\p{Cc}\p{Cf}]/gu, '');
      expect(letters(lines.join(''))).toBe(letters(text));
      expect(widthOf(cutTo(text, width))).toBeLessThanOrEqual(width);
    }),
  );
});
