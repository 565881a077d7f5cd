import { expect, test } from 'vitest';
import { liveArea } from '../../../infra/terminal/live.ts';
import { fakeTerminal } from '../../support/terminal.ts';

/** What a terminal is told: lines up, the start of the line, clear what is below. */
const up = (lines: number): string => `\u001B[${lines}A`;
const ANEW = '\u001B[1G\u001B[0J';

test('draws over what it has drawn, and over nothing else', () => {
  const { stream, written } = fakeTerminal();
  const draw = liveArea(stream);

  draw(['one', 'two']);
  expect(written()).toBe(`${ANEW}one\ntwo\n`);

  draw(['three']);
  expect(written()).toBe(`${up(2)}${ANEW}three\n`);

  draw(['four']);
  expect(written()).toBe(`${up(1)}${ANEW}four\n`);
});

test('counts a line that the terminal has broken as the lines it takes, by the width of now', () => {
  const { stream, written } = fakeTerminal({ columns: 10 });
  const draw = liveArea(stream);
  draw(['钉'.repeat(10), '\u001B[31m0123456789\u001B[39m']);
  written();

  draw([]);
  expect(written()).toBe(`${up(3)}${ANEW}\n`);

  draw(['0123456789']);
  stream.columns = 5;
  written();
  draw(['x']);
  expect(written()).toBe(`${up(2)}${ANEW}x\n`);
});

test('says how many lines have no room in a low window', () => {
  const { stream, written } = fakeTerminal({ rows: 4 });
  const draw = liveArea(stream);

  draw(['1', '2', '3', '4', '5']);
  expect(written()).toBe(`${ANEW}1\n2\n… 3 more lines: this window is too low\n`);

  draw(['1', '2', '3']);
  expect(written()).toBe(`${up(3)}${ANEW}1\n2\n3\n`);
});
