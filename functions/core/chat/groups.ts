import type { Alike } from '../contract/config.ts';
import type { ClusterEvent } from '../contract/event.ts';
import { stemOf } from '../contract/owner.ts';
import { SEVERITIES } from '../contract/severity.ts';
import { hintFor } from './hints.ts';

/** Events that tell people one thing: one owner, one reason, one explanation. The most serious comes first, then the latest. */
export type Group = readonly [ClusterEvent, ...ClusterEvent[]];

/** Groups events, the most serious first, and of these the largest. */
export function groupsOf(events: readonly ClusterEvent[]): readonly Group[] {
  const rank = (event: ClusterEvent): number => SEVERITIES.indexOf(event.severity);
  const sorted = events.toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.lastSeen) - Date.parse(a.lastSeen));
  const groups = [...Map.groupBy(sorted, keyOf).values()].flatMap(([first, ...rest]): readonly Group[] =>
    first ? [[first, ...rest]] : [],
  );
  return groups.toSorted((a, b) => rank(a[0]) - rank(b[0]) || b.length - a.length);
}

/** What chats send of events that tell one thing, besides the first: one message a minute, in which five more seconds gather a batch. */
export const alikeInChats: Alike = { seconds: 65, keyOf };

function keyOf(event: ClusterEvent): string {
  const { kind, namespace } = event.object;
  return JSON.stringify([event.cluster, namespace, kind, familyOf(event), event.reason, hintFor(event)?.text.en]);
}

/** Whose the object of an event is: `Deployment shop/checkout`; without an owner what it is one of, `Pod shop/fluentd-*`, or itself. */
export function familyOf(event: ClusterEvent): string {
  const { kind, namespace, name } = family(event);
  return named(kind, namespace, name);
}

/** The same in its parts. */
export function family({ object, owner }: ClusterEvent): Family {
  const { kind, name } = owner ?? { kind: object.kind, name: stemOf(object) ?? object.name };
  // A pod that stands in a file of its node is owned by the node, which has no namespace.
  return { kind, namespace: kind === 'Node' ? '' : object.namespace, name };
}

export interface Family {
  readonly kind: string;
  /** `""` of what has none. */
  readonly namespace: string;
  readonly name: string;
}

/** `Pod shop/checkout-x2kqp` */
export function named(kind: string, namespace: string, name: string): string {
  return [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');
}
