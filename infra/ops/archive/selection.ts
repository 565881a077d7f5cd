import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { parseJsonObject } from '../../../functions/core/destinations/json-object.ts';
import { problemText } from '../../../functions/core/destinations/destination.ts';
import { OpsError, usageError, type Arguments } from '../command.ts';
import { eventTest, givenTexts, optionOf } from '../event-test.ts';
import { parseDocument } from '../formats.ts';
import { readTime } from '../when.ts';
import type { Range } from './partitions.ts';

/** Options that say which part of an archive is meant. */
export const RANGE_OPTIONS = {
  cluster: { value: 'NAME', about: 'Only events of this cluster.' },
  since: { value: 'WHEN', about: 'Only events last seen since then: 2h, 3d, or 2026-11-23T08:00:00Z.' },
  until: { value: 'WHEN', about: 'Only events last seen before then.' },
} as const;

/** Options by which archived events are chosen. */
export const EVENT_CHOICE = {
  ...RANGE_OPTIONS,
  namespace: {
    value: 'PATTERN',
    about: "Only events of this namespace (the involved object's); prod-* and /regex/ work.",
  },
  kind: { value: 'PATTERN', about: 'Only events about objects of this kind; patterns as in filters.' },
  name: { value: 'PATTERN', about: 'Only events about objects with this name; patterns as in filters.' },
  reason: { value: 'PATTERN', about: 'Only events with this reason; patterns as in filters.' },
  filter: {
    value: 'FILE',
    about: 'Only what this filter passes: a document with match and drop, as in a destination, JSON or YAML.',
  },
} as const;

/** What is meant: which partitions, and which events in them. */
export interface Choice {
  readonly range: Range;
  readonly includes: (event: ClusterEvent) => boolean;
}

/** @throws {OpsError} on a value that cannot be read. */
export async function readChoice(args: Arguments<typeof EVENT_CHOICE>, now: Date): Promise<Choice> {
  const includes = await readIncludes(args, ['namespace', 'kind', 'name', 'reason']);
  return { range: readRange(args, now), includes };
}

/**
 * Which events are meant by `--filter` and by options that are fields of a rule.
 * @throws {OpsError} on a value that cannot be read.
 */
export async function readIncludes<Field extends string>(
  args: { text(name: Field | 'filter'): string | undefined },
  fields: readonly Field[],
): Promise<(event: ClusterEvent) => boolean> {
  const rule = givenTexts<Field>(args, fields);
  const tests = Object.keys(rule).length === 0 ? [] : [eventTest({ match: [rule] }, optionOf)];
  const file = args.text('filter');
  if (file !== undefined) {
    const text = await parseDocument(file);
    const document = 'value' in text ? parseJsonObject(text.value) : text;
    if ('problems' in document) throw new OpsError(`${file}: ${problemText(document.problems)}`);
    tests.push(eventTest(document.value, (path) => `${file}: ${path}`));
  }
  return (event) => tests.every((test) => test(event));
}

/** The stretch of time, and the cluster. @throws {OpsError} on a value that cannot be read. */
export function readRange(args: Pick<Arguments<typeof RANGE_OPTIONS>, 'text'>, now: Date): Range {
  const since = readTime(args.text('since'), 'since', now)?.getTime() ?? -Infinity;
  const until = readTime(args.text('until'), 'until', now)?.getTime() ?? Infinity;
  if (since >= until) throw usageError('--since is not before --until');
  return { since, until, cluster: args.text('cluster') };
}
