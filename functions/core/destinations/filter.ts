import * as z from 'zod/mini';
import { field } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { compilePatterns, patterns } from '../kit/pattern.ts';

const textFields = {
  type: field(z.optional(patterns()), 'Normal or Warning.', 'Warning'),
  reason: field(z.optional(patterns()), 'The short cause, such as BackOff.', '/^(BackOff|Failed.*)$/'),
  namespace: field(
    z.optional(patterns()),
    'The involved object\'s namespace; "" for cluster-scoped objects such as nodes.',
    ['prod-*'],
  ),
  eventNamespace: field(z.optional(patterns()), "The Event's own namespace, where node events are in default."),
  kind: field(z.optional(patterns()), "The involved object's kind.", 'Pod'),
  name: field(z.optional(patterns()), "The involved object's name.", 'api-*'),
  apiVersion: field(z.optional(patterns()), "The involved object's apiVersion.", 'apps/v1'),
  component: field(z.optional(patterns()), 'The reporting component.', 'kubelet'),
  host: field(z.optional(patterns()), 'The node the component runs on.'),
  cluster: field(z.optional(patterns()), "The relay's CLUSTER_NAME."),
  message: field(z.optional(patterns()), 'The text.', '/readiness probe/i'),
  action: field(z.optional(patterns()), 'What the reporting controller did.'),
};

const ruleFields = {
  ...textFields,
  labels: field(
    z.optional(z.record(z.string(), patterns())),
    "The involved object's labels, where something has enriched the event.",
  ),
  annotations: field(z.optional(z.record(z.string(), patterns())), "The involved object's annotations, likewise."),
  minCount: field(z.optional(z.int().check(z.gte(1))), 'Holds from this many occurrences on.', 5),
};

/** A rule as users write it: all its fields must hold, a list means any of. */
export interface Rule extends z.infer<z.ZodMiniObject<typeof ruleFields>> {
  readonly all?: readonly Rule[] | undefined;
}

const rule: z.ZodMiniType<Rule> = z.lazy(() =>
  z
    .strictObject({
      ...ruleFields,
      all: field(
        z.optional(z.array(rule).check(z.minLength(1, 'expected at least one rule'))),
        'Rules that must all hold as well.',
      ),
    })
    .check(
      z.refine((value) => Object.values(value).some((part) => part !== undefined), {
        error: 'a rule needs at least one field (an empty one would hold for every event)',
      }),
    ),
);

/** The one grammar of filters. `match` absent or empty: every event; `drop` wins over `match`. */
export const filterSchema = z.strictObject({
  match: field(z.optional(z.array(rule)), 'An event passes when any of these rules holds; without rules, all pass.', [
    { type: 'Warning' },
  ]),
  drop: field(z.optional(z.array(rule)), 'An event for which any of these rules holds is dropped.', [
    { message: '/readiness probe/i' },
  ]),
});

export type Filter = z.infer<typeof filterSchema>;

/** When a repeated event passes again. */
export const repeatsSchema = z.enum(['all', 'first', 'milestones']);
export type Repeats = z.infer<typeof repeatsSchema>;

/** Why an event does not reach a destination, or that it does. */
export type Verdict = 'pass' | 'unmatched' | 'dropped' | 'repeat';

/** Compiles a filter that {@link filterSchema} has accepted into the one function that router, sinks and tools share. */
export function compileFilter(filter: Filter, repeats: Repeats): (event: ClusterEvent) => Verdict {
  const match = (filter.match ?? []).map(compileRule);
  const drop = (filter.drop ?? []).map(compileRule);
  return function verdict(event) {
    const holding = match.filter((candidate) => candidate.holds(event));
    if (match.length > 0 && holding.length === 0) return 'unmatched';
    if (drop.some((candidate) => candidate.holds(event))) return 'dropped';
    const starts = match.length > 0 ? holding.map((candidate) => candidate.minCount) : [1];
    return repeats === 'all' || isNews(event, starts, repeats) ? 'pass' : 'repeat';
  };
}

/** `first`: a rule begins to hold within the occurrences this event adds. `milestones`: or 1, 10, 100, ... lies among them. */
function isNews(event: ClusterEvent, starts: readonly number[], repeats: Repeats): boolean {
  const isNew = (count: number): boolean => event.previousCount < count && count <= event.count;
  if (starts.some(isNew)) return true;
  if (repeats === 'first') return false;
  for (let milestone = 1; milestone <= event.count; milestone *= 10) if (isNew(milestone)) return true;
  return false;
}

interface CompiledRule {
  readonly holds: (event: ClusterEvent) => boolean;
  /** The count from which the rule can hold. */
  readonly minCount: number;
}

/** The text that each field of a rule is compared with. */
export const fieldValues: readonly (readonly [keyof typeof textFields, (event: ClusterEvent) => string])[] = [
  ['type', (event) => event.type],
  ['reason', (event) => event.reason],
  ['namespace', (event) => event.object.namespace],
  ['eventNamespace', (event) => event.eventNamespace],
  ['kind', (event) => event.object.kind],
  ['name', (event) => event.object.name],
  ['apiVersion', (event) => event.object.apiVersion],
  ['component', (event) => event.source.component],
  ['host', (event) => event.source.host],
  ['cluster', (event) => event.cluster],
  ['message', (event) => event.message],
  ['action', (event) => event.action],
];

function compileRule(source: Rule): CompiledRule {
  const tests: ((event: ClusterEvent) => boolean)[] = [];
  for (const [name, value] of fieldValues) {
    const wanted = source[name];
    if (wanted === undefined) continue;
    const test = compilePatterns(wanted);
    tests.push((event) => test(value(event)));
  }
  for (const name of ['labels', 'annotations'] as const) {
    for (const [key, wanted] of Object.entries(source[name] ?? {})) {
      const test = compilePatterns(wanted);
      tests.push((event) => Object.hasOwn(event.object[name], key) && test(event.object[name][key] ?? ''));
    }
  }
  const inner = (source.all ?? []).map(compileRule);
  const ownCount = source.minCount ?? 1;
  return {
    holds: (event) =>
      event.count >= ownCount && tests.every((test) => test(event)) && inner.every((nested) => nested.holds(event)),
    minCount: Math.max(ownCount, ...inner.map((nested) => nested.minCount)),
  };
}
