import { expect, test } from 'vitest';
import { defineCommand } from '../../../../infra/ops/command.ts';
import { readLetters, type Letter } from '../../../../infra/ops/dlq/letter.ts';
import { readSelection, SELECTION_OPTIONS } from '../../../../infra/ops/dlq/selection.ts';
import { silentIo } from '../run.ts';
import { letterBody } from './letters.ts';

const now = new Date('2026-11-23T12:00:00Z');
const [example]: readonly Letter[] = readLetters(
  {
    Body: JSON.stringify(letterBody('u')),
    MessageAttributes: {
      code: { DataType: 'String', StringValue: 'http_404' },
      failedAt: { DataType: 'String', StringValue: '2026-11-23T10:00:00Z' },
    },
  },
  'log',
);

async function includes(...argv: readonly string[]): Promise<boolean | string> {
  let result: boolean | string = 'not run';
  const command = defineCommand({
    usage: '',
    about: '',
    examples: [],
    options: SELECTION_OPTIONS,
    async run(args) {
      result = example !== undefined && readSelection(args, now).includes(example);
      return 0;
    },
  });
  await command.run(argv, silentIo).catch((error: unknown) => (result = String(error)));
  return result;
}

test.each([
  [[], true],
  [['--code', 'http_404'], true],
  [['--code', 'timeout,http_404'], true],
  [['--code', 'timeout'], false],
  [['--destination', 'log/all'], true],
  [['--destination', 'log/other'], false],
  [['--namespace', 'pay*'], true],
  [['--namespace', 'prod-*'], false],
  [['--reason', '/^Back/'], true],
  [['--reason', 'Failed'], false],
  [['--since', '3h'], true],
  [['--since', '1h'], false],
  [['--since', '2h'], true],
  [['--since', '120m'], true],
  [['--since', '119m'], false],
  [['--since', '7200s'], true],
  [['--since', '7199s'], false],
  [['--until', '2026-11-23T11:00:00Z'], true],
  [['--until', '1d'], false],
  [['--until', '2h'], false],
  [['--code', 'http_404', '--namespace', 'payments', '--since', '1d'], true],
] as const)('by %j', async (argv, expected) => {
  expect(await includes(...argv)).toBe(expected);
});

test.each([
  [['--since', '2h30m'], /--since is 2h30m, expected a duration such as 2h/],
  [['--until', 'in 2h'], /--until is in 2h, expected a duration such as 2h/],
  [['--since', 'yesterday'], /--since is yesterday, expected a duration such as 2h/],
  [['--reason', '/(/'], /--reason: not a valid regular expression/],
] as const)('fails on %j', async (argv, message) => {
  expect(await includes(...argv)).toMatch(message);
});
