import * as z from 'zod/mini';
import { field } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { SEVERITIES, severityOf } from '../contract/severity.ts';
import { caseMistake, compilePatterns, oneOrMore, patterns } from '../kit/pattern.ts';
import { KINDS, TYPES } from './known-values.ts';

const severity = z.string().check(
  z.regex(new RegExp(`^(${SEVERITIES.join('|')})$`), {
    error: ({ input }) =>
      caseMistake(String(input), SEVERITIES) ?? `is no severity, expected one of ${SEVERITIES.join(', ')}`,
  }),
);

const textFields = {
  severity: field(
    z.optional(oneOrMore(severity)),
    'How serious it is for people: critical (somebody must act), warning (may repair itself) or info.',
    ['critical'],
  ),
  type: field(
    z.optional(patterns(TYPES)),
    'Normal or Warning, as Kubernetes has it, which reports a lost node as Normal; severity says how serious it is.',
    'Warning',
  ),
  reason: field(z.optional(patterns()), 'The short cause, such as BackOff.', '/^(BackOff|Failed.*)$/'),
  namespace: field(
    z.optional(patterns()),
    'The involved object\'s namespace; "" for cluster-scoped objects such as nodes.',
    ['prod-*'],
  ),
  eventNamespace: field(z.optional(patterns()), "The Event's own namespace, where node events are in default."),
  kind: field(z.optional(patterns(KINDS)), "The involved object's kind.", 'Pod'),
  name: field(z.optional(patterns()), "The involved object's name.", 'api-*'),
  apiVersion: field(z.optional(patterns()), "The involved object's apiVersion.", 'apps/v1'),
  component: field(z.optional(patterns()), 'The reporting component.', 'kubelet'),
  host: field(z.optional(patterns()), 'The node the component runs on.'),
  cluster: field(z.optional(patterns()), "The relay's CLUSTER_NAME."),
  message: field(z.optional(patterns()), 'The text.', '/readiness probe/i'),
  action: field(z.optional(patterns()), 'What the reporting controller did.'),
  owner: field(
    z.optional(patterns()),
    "The name of the involved object's topmost controller, such as the Deployment of a pod. What has none does not match.",
    'checkout',
  ),
  ownerKind: field(z.optional(patterns(KINDS)), 'The kind of that controller.', 'Deployment'),
  node: field(
    z.optional(patterns()),
    'The node that the involved object is on, or is. Unknown does not match.',
    'node-1',
  ),
};

const texts = () => z.optional(z.record(z.string(), patterns()));

const ruleFields = {
  ...textFields,
  labels: field(texts(), "The involved object's labels, which a relay with --enrich labels looks up.", {
    'app.kubernetes.io/name': 'checkout',
  }),
  annotations: field(texts(), "The involved object's annotations, likewise."),
  namespaceLabels: field(texts(), "The labels of the involved object's namespace, likewise.", { team: 'payments' }),
  namespaceAnnotations: field(texts(), "The annotations of the involved object's namespace, likewise."),
  minCount: field(z.optional(z.int().check(z.gte(1))), 'Holds from this many occurrences on.', 5),
};

/** A rule as users write it: all its fields must hold, a list means any of. */
export interface Rule extends z.infer<z.ZodMiniObject<typeof ruleFields>> {
  readonly all?: readonly Rule[] | undefined;
}

export const rule: z.ZodMiniType<Rule> = z.lazy(() =>
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
        // A rule whose only field is misspelt is not empty: its mistake is that name.
        when: ({ issues }) => issues.length === 0,
      }),
    ),
);

/** The one grammar of filters. `match` absent or empty: every event; `drop` wins over `match`. */
export const filterSchema = z.strictObject({
  match: field(z.optional(z.array(rule)), 'An event passes when any of these rules holds; without rules, all pass.', [
    { severity: ['critical', 'warning'] },
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
  const isDropped = (event: ClusterEvent): boolean => drop.some((holds) => holds(event));
  return function verdict(event) {
    const holding = match.filter((holds) => holds(event));
    if (match.length > 0 && holding.length === 0) return 'unmatched';
    if (isDropped(event)) return 'dropped';
    if (repeats === 'all') return 'pass';
    if (event.previousCount >= event.count) return 'repeat';
    if (event.previousCount === 0 || (repeats === 'milestones' && isMilestone(event))) return 'pass';
    const before = asItWas(event);
    return isDropped(before) || holding.some((holds) => !holds(before)) ? 'pass' : 'repeat';
  };
}

/** Whether 1, 10, 100, ... lies among the occurrences that an event adds. */
function isMilestone({ previousCount, count }: ClusterEvent): boolean {
  for (let milestone = 1; milestone <= count; milestone *= 10) {
    if (previousCount < milestone) return true;
  }
  return false;
}

/**
 * An event as it was at its previous count: where a rule did not hold for that, it begins to hold. When that was is not known, so it
 * counts as just begun: what has become critical by lasting passes once more rather than once too few.
 */
function asItWas(event: ClusterEvent): ClusterEvent {
  const before = { ...event, count: event.previousCount, lastSeen: event.firstSeen };
  return { ...before, severity: severityOf(before) };
}

/** The text that each field of a rule is compared with; what is not known is undefined, and no pattern holds for it. */
export const fieldValues: readonly (readonly [keyof typeof textFields, (event: ClusterEvent) => string | undefined])[] =
  [
    ['severity', (event) => event.severity],
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
    ['owner', (event) => event.owner?.name],
    ['ownerKind', (event) => event.owner?.kind],
    ['node', (event) => event.node || undefined],
  ];

export const RECORDS = ['labels', 'annotations', 'namespaceLabels', 'namespaceAnnotations'] as const;
export type RecordName = (typeof RECORDS)[number];

type Texts = Readonly<Record<string, string>>;

/** The texts by key that the other fields of a rule are compared with. Only a relay that looks them up fills them. */
export const recordValues: Readonly<Record<RecordName, (event: ClusterEvent) => Texts>> = {
  labels: ({ object }) => object.labels,
  annotations: ({ object }) => object.annotations,
  namespaceLabels: ({ namespace }) => namespace.labels,
  namespaceAnnotations: ({ namespace }) => namespace.annotations,
};

function compileRule(source: Rule): (event: ClusterEvent) => boolean {
  const tests: ((event: ClusterEvent) => boolean)[] = (source.all ?? []).map(compileRule);
  const { minCount } = source;
  if (minCount !== undefined) tests.push((event) => event.count >= minCount);
  for (const [name, value] of fieldValues) {
    const wanted = source[name];
    if (wanted === undefined) continue;
    const test = compilePatterns(wanted);
    tests.push((event) => {
      const text = value(event);
      return text !== undefined && test(text);
    });
  }
  for (const name of RECORDS) {
    for (const [key, wanted] of Object.entries(source[name] ?? {})) {
      const test = compilePatterns(wanted);
      tests.push((event) => {
        const values = recordValues[name](event);
        return Object.hasOwn(values, key) && test(values[key] ?? '');
      });
    }
  }
  return (event) => tests.every((test) => test(event));
}
