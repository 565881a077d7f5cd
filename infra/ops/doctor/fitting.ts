import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { MESSAGE_VERSION, type EventMessage } from '../../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import type { Filter, Rule } from '../../../functions/core/destinations/filter.ts';

/** What a rule may want beyond what it says in plain words: a reason of each severity. */
const KINDS: readonly KubeEvent[] = [{}, { reason: 'Evicted' }, { type: 'Normal', reason: 'Started' }];

/**
 * The event in the shapes that a filter may want, to try which one passes: as it is, and with the plain values of each match
 * rule. A rule that asks for more (an expression, a context) may be met by none of them.
 */
export function shapesFor(
  { match = [] }: Filter,
  { event, cluster, now }: { readonly event: KubeEvent; readonly cluster: string; readonly now: Date },
): readonly EventMessage[] {
  return [{}, ...match].flatMap((rule) =>
    KINDS.map((kind): EventMessage => {
      const wanted = plainValues(rule);
      return {
        v: MESSAGE_VERSION,
        kind: 'event',
        cluster: wanted['cluster'] ?? cluster,
        seenAt: now.toISOString(),
        change: 'added',
        event: shaped({ ...event, ...kind }, rule, wanted),
      };
    }),
  );
}

function shaped(event: KubeEvent, rule: Rule, wanted: Readonly<Record<string, string>>): KubeEvent {
  const { type, reason, action, eventNamespace, component, host, ...object } = wanted;
  const { namespace, kind, name, apiVersion } = object;
  return {
    ...event,
    ...present({ type, reason, action }),
    count: rule.minCount ?? 1,
    metadata: { ...Object(event.metadata), ...present({ namespace: eventNamespace }) },
    involvedObject: {
      ...sampleKubeEvent.involvedObject,
      ...present({ namespace, kind, name, apiVersion }),
      labels: plainTexts(rule.labels ?? {}),
      annotations: plainTexts(rule.annotations ?? {}),
    },
    source: { ...sampleKubeEvent.source, ...present({ component, host }) },
  };
}

/** The fields of a rule, and of what it nests, that a text meets. */
function plainValues({ all = [], ...fields }: Rule): Readonly<Record<string, string>> {
  return Object.assign(plainTexts(fields), ...all.map(plainValues));
}

/** Of each pattern a text that it matches: exact ones and wildcards; expressions are left out. */
function plainTexts(patterns: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(patterns).flatMap(([name, wanted]) => {
      const first = [wanted].flat().find((each) => typeof each === 'string' && !each.startsWith('/'));
      return typeof first === 'string' ? [[name, first.replaceAll('*', 'x')]] : [];
    }),
  );
}

function present(fields: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
