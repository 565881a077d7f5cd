import * as z from 'zod/mini';
import { field, parseWith, type Parsed } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { withSuggestion } from './destination.ts';
import { compileFilter, rule } from './filter.ts';
import { parseJsonObject } from './json-object.ts';

const DAY_MS = 24 * 3_600_000;

/** A silence is for work that is under way: what is meant to last belongs into a filter. */
export const MAX_SILENCE_MS = 30 * DAY_MS;

/** For people. */
const line = () => z.string().check(z.regex(/^.*\S.*$/, 'expected one line of text'), z.maxLength(300));

/** What stands in a silence's document. */
export const silenceSchema = z.strictObject({
  $schema: field(z.optional(z.string()), 'Where an editor finds the JSON Schema of this document.'),
  match: field(
    z.array(rule).check(z.minLength(1, 'expected at least one rule')),
    'An event is held when any of these rules holds: the rules of filters.',
    [{ namespace: 'shop', reason: 'BackOff' }],
  ),
  until: field(
    z.iso.datetime({
      offset: true,
      error: 'expected a time with its offset (RFC 3339), such as 2026-11-27T18:00:00Z',
    }),
    'When it ends by itself, 30 days ahead at the most.',
    '2026-11-27T18:00:00Z',
  ),
  why: field(line(), 'What is going on, for whoever wonders.', 'rollout of the shop'),
  by: field(line(), 'Who has made it.', 'operator/alice'),
});

/** A silence ready for use. */
export interface Silence {
  readonly name: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly until: number;
  readonly why: string;
  readonly by: string;
  readonly match: z.infer<typeof silenceSchema>['match'];
  /** Whether one of its rules holds, whatever the time. */
  readonly covers: (event: ClusterEvent) => boolean;
}

/** Parses a silence's document. Every mistake is reported, and one with a mistake holds nothing. */
export function parseSilence(name: string, text: string, now: number): Parsed<Silence> {
  const document = parseJsonObject(text);
  if ('problems' in document) return document;
  const parsed = parseWith(silenceSchema, document.value);
  if ('problems' in parsed) return { problems: parsed.problems.map(withSuggestion(silenceSchema.shape)) };
  const { match, why, by } = parsed.value;
  const until = Date.parse(parsed.value.until);
  if (until - now > MAX_SILENCE_MS)
    return { problems: [{ field: 'until', message: 'is more than 30 days ahead: what lasts belongs into a filter' }] };
  const verdict = compileFilter({ match }, 'all');
  return { value: { name, until, why, by, match, covers: (event) => verdict(event) === 'pass' } };
}

/** The silence that holds an event now, if any does. */
export function holding(silences: readonly Silence[], event: ClusterEvent, now: number): Silence | undefined {
  return silences.find(({ until, covers }) => now < until && covers(event));
}
