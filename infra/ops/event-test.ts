import { parseWith } from '../../functions/core/contract/config.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { compileFilter, filterSchema } from '../../functions/core/destinations/filter.ts';
import { usageError } from './command.ts';

/** The values of options that were given, by name. */
export function givenTexts<Name extends string>(
  args: { text(name: Name): string | undefined },
  names: readonly Name[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = args.text(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/**
 * Whether a filter, as it was typed, passes an event.
 * @param placeOf what a mistake begins with, by the path of its field such as `match[0].reason`
 * @throws {OpsError} that names every mistake
 */
export function eventTest(filter: unknown, placeOf: (path: string) => string): (event: ClusterEvent) => boolean {
  const parsed = parseWith(filterSchema, filter);
  if ('problems' in parsed)
    throw usageError(parsed.problems.map(({ field, message }) => `${placeOf(field)} ${message}`).join('\n'));
  const verdict = compileFilter(parsed.value, 'all');
  return (event) => verdict(event) === 'pass';
}

/** The option that a field of a rule comes from: `--reason` of `match[0].reason`. */
export function optionOf(path: string): string {
  return `--${path.split('.').at(-1)}`;
}
