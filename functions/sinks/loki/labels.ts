import type { ClusterEvent } from '../../core/contract/event.ts';
import { cutBytes } from '../../core/kit/text.ts';

/** What may become a label by option: few values each. Names, uids, nodes and counts would make a stream each. */
export const EVENT_LABELS = ['severity', 'kind', 'reason', 'component'] as const;

/** Labels that the sink gives. */
export const OWN_LABELS: readonly string[] = ['service_name', 'cluster', 'namespace', 'type', ...EVENT_LABELS];

export interface LabelOptions {
  readonly labels: Readonly<Record<string, string>>;
  readonly eventLabels: readonly (typeof EVENT_LABELS)[number][];
}

/** Loki takes values of 2,048 bytes; names in Kubernetes have 253. */
const MAX_VALUE_BYTES = 1000;

/** The labels of the stream that an event belongs to. Loki makes up a `service_name` where there is none. */
export function labelsOf(event: ClusterEvent, options: LabelOptions): Readonly<Record<string, string>> {
  const { cluster, type, severity, reason, object, source } = event;
  const optional = { severity, kind: object.kind, reason, component: source.component };
  const chosen = options.eventLabels.map((name) => [name, optional[name]] as const);
  const own = { cluster, namespace: object.namespace, type, ...Object.fromEntries(chosen) };
  return { service_name: 'kube-courier', ...options.labels, ...withoutEmpty(own, MAX_VALUE_BYTES) };
}

/** Texts cut to a length; what is empty is none. */
export function withoutEmpty(
  texts: Readonly<Record<string, string>>,
  maxBytes: number,
): Readonly<Record<string, string>> {
  const entries = Object.entries(texts).filter(([, value]) => value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, cutBytes(value, maxBytes)]));
}
