import { expect, test } from 'vitest';
import { readLetters } from '../../../../infra/ops/dlq/letter.ts';
import { createTally, tallyLines } from '../../../../infra/ops/dlq/tally.ts';

function tallyOf(letters: readonly (readonly [code: string, destination: string, failedAt: number])[]) {
  const tally = createTally();
  for (const [code, destination, failedAt] of letters) {
    const values = { code, destination, failedAt: new Date(failedAt).toISOString() };
    const MessageAttributes = Object.fromEntries(
      Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    for (const letter of readLetters({ Body: 'x', MessageAttributes }, 'log')) tally.add(letter);
  }
  return tally.rows();
}

test('letters are counted by code and destination, with the oldest of each, the most first', () => {
  const rows = tallyOf([
    ['timeout', 'log/a', 5000],
    ['timeout', 'log/b', 1000],
    ['timeout', 'log/b', 3000],
    ['busy', 'log/b', 4000],
    ['timeout', 'log/b', 2000],
  ]);

  expect(rows).toEqual([
    { code: 'timeout', destination: 'log/b', count: 3, oldest: new Date(1000) },
    { code: 'timeout', destination: 'log/a', count: 1, oldest: new Date(5000) },
    { code: 'busy', destination: 'log/b', count: 1, oldest: new Date(4000) },
  ]);
});

test('counts stand in a column', () => {
  const many = Array.from({ length: 10 }, () => ['timeout', 'log/a', 0] as const);

  expect(tallyLines(tallyOf([...many, ['busy', 'log/b', 0]]), () => '1h')).toEqual([
    '  10  timeout  log/a  oldest 1h ago',
    '   1  busy  log/b  oldest 1h ago',
  ]);
});
