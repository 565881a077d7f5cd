import type { Arguments } from '../command.ts';
import { eventTest, givenTexts, optionOf } from '../event-test.ts';
import { readTime } from '../when.ts';
import type { Letter } from './letter.ts';

/** Options by which letters are chosen. */
export const SELECTION_OPTIONS = {
  code: { value: 'CODE', about: 'Only letters with this code; unexplained: those SQS moved by itself. Several: a,b.' },
  destination: { value: 'TYPE/NAME', about: 'Only letters of this destination.' },
  namespace: {
    value: 'PATTERN',
    about: "Only events of this namespace (the involved object's); prod-* and /regex/ work.",
  },
  reason: { value: 'PATTERN', about: 'Only events with this reason; patterns as in filters.' },
  since: { value: 'WHEN', about: 'Only letters that failed since then: 2h, 3d, or 2026-11-23T08:00:00Z.' },
  until: { value: 'WHEN', about: 'Only letters that failed before then.' },
} as const;

/** Options of the commands that work through letters. */
export const LIMIT_OPTION = {
  limit: { value: 'N', number: 'whole', about: 'Stop after so many letters: each is one event.' },
} as const;

/** What letters are asked for by its name. */
export type Named = 'code' | 'destination';

/** Which letters are meant, with the codes and destinations that are named. */
export interface Selection extends Readonly<Record<Named, readonly string[]>> {
  /** Whether any letter can be left out. */
  readonly isAll: boolean;
  readonly includes: (letter: Letter) => boolean;
}

/** @throws {OpsError} on a value that cannot be read. */
export function readSelection(args: Arguments<typeof SELECTION_OPTIONS>, now: Date): Selection {
  const codes = args.text('code')?.split(',');
  const destinations = args.text('destination')?.split(',');
  const since = readTime(args.text('since'), 'since', now);
  const until = readTime(args.text('until'), 'until', now);
  const matches = letterTest(args);
  const tests: ((letter: Letter) => boolean)[] = [];
  if (codes) tests.push(({ code }) => codes.includes(code));
  if (destinations) tests.push(({ destination }) => destinations.includes(destination));
  if (since) tests.push(({ failedAt }) => failedAt >= since);
  if (until) tests.push(({ failedAt }) => failedAt < until);
  if (matches) tests.push(matches);
  return {
    isAll: tests.length === 0,
    code: codes ?? [],
    destination: destinations ?? [],
    includes: (letter) => tests.every((test) => test(letter)),
  };
}

function letterTest(args: Arguments<typeof SELECTION_OPTIONS>): ((letter: Letter) => boolean) | undefined {
  const rule = givenTexts(args, ['namespace', 'reason']);
  if (Object.keys(rule).length === 0) return undefined;
  const matches = eventTest({ match: [rule] }, (path) => `${optionOf(path)}:`);
  return ({ event }) => event !== undefined && matches(event);
}
