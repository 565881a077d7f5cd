import { expect, expectTypeOf, test } from 'vitest';
import { defineCommand, type Arguments } from '../../../infra/ops/command.ts';
import { silentIo } from './run.ts';

const OPTIONS = {
  name: { value: 'NAME', about: 'A text.' },
  field: { value: 'FIELD', repeatable: true, about: 'Several texts.' },
  limit: { value: 'N', number: 'whole', about: 'A whole number.' },
  rate: { value: 'N', number: 'any', about: 'A number.' },
  yes: { about: 'A switch.' },
} as const;

/** Gives a command line's arguments to `read`, and what that gives back; else the error's message. */
async function parsed<T>(argv: readonly string[], read: (args: Arguments<typeof OPTIONS>) => T): Promise<T | string> {
  let result: T | string = 'not run';
  const command = defineCommand({
    usage: '',
    about: '',
    examples: [],
    options: OPTIONS,
    async run(args) {
      result = read(args);
      return 0;
    },
  });
  await command
    .run(argv, silentIo)
    .catch((error: unknown) => (result = error instanceof Error ? error.message : 'thrown'));
  return result;
}

test('each option is read by the getter of its kind', async () => {
  const argv = ['--name', 'a', '--field', 'b', '--field=c', '--limit', '3', '--rate', '0.5', '--yes'];

  const read = await parsed(argv, (args) => [
    args.text('name'),
    args.required('name'),
    args.list('field'),
    args.number('limit'),
    args.number('rate'),
    args.flag('yes'),
  ]);

  expect(read).toEqual(['a', 'a', ['b', 'c'], 3, 0.5, true]);
});

test('what is not given is undefined, empty or false, and said where it is required', async () => {
  const read = await parsed([], (args) => [
    args.text('name'),
    args.list('field'),
    args.number('limit'),
    args.flag('yes'),
  ]);

  expect(read).toEqual([undefined, [], undefined, false]);
  expect(await parsed([], (args) => args.required('name'))).toBe('--name NAME is missing');
});

test('a getter takes the names of its own kind only', () => {
  type Getters = Arguments<typeof OPTIONS>;

  // These are checked by the compiler: `args.number('yes')` is an error there.
  expectTypeOf<Getters['text']>().parameter(0).toEqualTypeOf<'name'>();
  expectTypeOf<Getters['required']>().parameter(0).toEqualTypeOf<'name'>();
  expectTypeOf<Getters['list']>().parameter(0).toEqualTypeOf<'field'>();
  expectTypeOf<Getters['number']>().parameter(0).toEqualTypeOf<'limit' | 'rate'>();
  expectTypeOf<Getters['flag']>().parameter(0).toEqualTypeOf<'yes'>();
});

test.each([
  [['--limit', '0.5'], '--limit is 0.5, expected a whole number above 0'],
  [['--limit', '0'], '--limit is 0, expected a whole number above 0'],
  [['--rate', '0'], '--rate is 0, expected a number above 0'],
  [['--rate', 'fast'], '--rate is fast, expected a number above 0'],
  [['--rate', '1e3'], '--rate is 1e3, expected a number above 0'],
  [['--yes=no'], '--yes takes no value'],
  [['--name'], '--name needs a value: --name NAME'],
  [['--name', '--yes'], '--name needs a value: --name NAME'],
  [['--name', 'a', '--name', 'b'], '--name is given twice'],
  [['--limitt', '1'], 'unknown option --limitt (did you mean --limit?)'],
  [['stray'], 'unexpected argument stray'],
])('fails on %j, before the command does anything', async (argv, message) => {
  expect(await parsed(argv, () => 'run')).toBe(message);
});
