import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { screenOf } from '../../../infra/terminal/screen.ts';
import { fakeTerminal } from '../../support/terminal.ts';

beforeEach(() => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
});

afterEach(() => vi.unstubAllEnvs());

const RED = '\u001B[31mtext\u001B[39m';

test('a terminal has colours and a width', () => {
  const screen = screenOf(fakeTerminal({ columns: 91 }).stream);

  expect([screen.columns, screen.paint('act', 'text'), screen.paint(undefined, 'text')]).toEqual([91, RED, 'text']);
});

test('a terminal that does not know its width has 80', () => {
  expect(screenOf(fakeTerminal({ columns: 0 }).stream).columns).toBe(80);
});

test('the width is that of now', () => {
  const { stream } = fakeTerminal();
  const screen = screenOf(stream);
  stream.columns = 50;

  expect(screen.columns).toBe(50);
});

test('NO_COLOR takes the colours, not the width', () => {
  vi.stubEnv('NO_COLOR', '1');
  const screen = screenOf(fakeTerminal().stream);

  expect([screen.columns, screen.paint('act', 'text')]).toEqual([80, 'text']);
});

test('a pipe has neither, and nothing is redrawn on it', () => {
  const screen = screenOf(new PassThrough());

  expect([screen.columns, screen.paint('act', 'text'), screen.redraw]).toEqual([undefined, 'text', undefined]);
});

test('FORCE_COLOR makes a pipe a terminal whose lines have no end', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  const screen = screenOf(new PassThrough());

  expect([screen.columns, screen.paint('act', 'text'), screen.redraw]).toEqual([Infinity, RED, undefined]);
});

test('FORCE_COLOR=0 takes the colours of a terminal', () => {
  vi.stubEnv('FORCE_COLOR', '0');

  expect(screenOf(fakeTerminal().stream).paint('act', 'text')).toBe('text');
});

test('a dumb terminal has no colours and cannot be redrawn', () => {
  vi.stubEnv('TERM', 'dumb');
  const screen = screenOf(fakeTerminal().stream);

  expect([screen.columns, screen.paint('act', 'text'), screen.redraw]).toEqual([80, 'text', undefined]);
});
