import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startQuiet, type Quiet } from '../../../localstack/embedded/quiet.ts';

let quiet: Quiet;
const told: number[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  // As a line about silence is a line, too.
  quiet = startQuiet((ms) => {
    told.push(ms / 1000);
    quiet.heard();
  });
});

afterEach(() => {
  quiet.stop();
  vi.useRealTimers();
});

test('tells after ten seconds, and then ever more rarely', () => {
  vi.advanceTimersByTime(4 * 3600 * 1000);

  expect(told.slice(0, 5)).toEqual([10, 60, 300, 900, 900]);
  expect(told).toHaveLength(18);
});

test('waits anew whenever something was shown, and never goes back to shorter waits', () => {
  for (let second = 0; second < 120; second += 1) {
    vi.advanceTimersByTime(1000);
    quiet.heard();
  }
  expect(told).toEqual([]);

  vi.advanceTimersByTime(10_000);
  quiet.heard();
  vi.advanceTimersByTime(59_000);
  expect(told).toEqual([10]);

  vi.advanceTimersByTime(1000);
  expect(told).toEqual([10, 60]);
});

test('tells nothing once it is stopped', () => {
  quiet.stop();
  vi.advanceTimersByTime(3600 * 1000);

  expect(told).toEqual([]);
});
