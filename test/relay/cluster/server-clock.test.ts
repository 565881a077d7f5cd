import { expect, test } from 'vitest';
import { createServerClock } from '../../../relay/cluster/server-clock.ts';

const NOON = Date.parse('2026-11-27T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A clock whose relay's own time runs, and can be set. */
function setup() {
  let elapsed = 0;
  let setBy = 0;
  const clock = createServerClock(
    () => NOON + elapsed + setBy,
    () => 1000 + elapsed,
  );
  return {
    clock,
    see: (offsetMs: number) => clock.see(new Date(NOON + elapsed + offsetMs).toUTCString()),
    /** How far the clock is ahead of noon and what has passed since. */
    ahead: () => clock.now() - NOON - elapsed,
    pass: (ms: number) => (elapsed += ms),
    setOwn: (ms: number) => (setBy += ms),
  };
}

test('it is the own one before the first answer, and after an answer without a date', () => {
  const { clock, ahead, pass } = setup();
  clock.see(undefined);
  clock.see('yesterday');
  pass(MINUTE);
  expect(ahead()).toBe(0);
});

test('it follows the dates of answers, and runs on between them', () => {
  const { see, ahead, pass } = setup();
  see(2 * MINUTE);
  pass(10 * MINUTE);
  expect(ahead()).toBe(2 * MINUTE);
  see(-MINUTE);
  expect(ahead()).toBe(-MINUTE);
});

test.each([
  [5 * MINUTE, 5 * MINUTE],
  [-5 * MINUTE, -5 * MINUTE],
  [5 * MINUTE + 1000, 0],
  [-5 * MINUTE - 1000, 0],
  [DAY, 0],
  [-DAY, 0],
])('a first date that is %i ms ahead makes it %i ms ahead', (offset, expected) => {
  const { see, ahead } = setup();
  see(offset);
  expect(ahead()).toBe(expected);
});

test('dates that are a day ahead are not believed, however many come', () => {
  const { see, ahead, pass } = setup();
  see(1000);
  for (let i = 0; i < 10; i += 1) {
    see(DAY);
    pass(MINUTE);
  }
  expect(ahead()).toBe(1000);
});

test('where its own clock is set to a wrong time, the server is still believed', () => {
  const { see, ahead, pass, setOwn } = setup();
  see(0);
  setOwn(DAY);
  pass(MINUTE);
  see(3000);
  expect(ahead()).toBe(3000);
});

test('where the server was off by minutes and its clock is mended, it is believed', () => {
  const { see, ahead } = setup();
  see(4 * MINUTE);
  see(-4 * MINUTE);
  expect(ahead()).toBe(-4 * MINUTE);
});
