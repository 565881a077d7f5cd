import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { recordOf, textOf } from '../../core/contract/untrusted.ts';
import { cutBytes } from '../../core/kit/text.ts';

/** The JSON form of OTLP's logs, as far as it is needed: numbers of 64 bits are texts. https://opentelemetry.io/docs/specs/otlp */
export interface LogsRequest {
  readonly resourceLogs: readonly ResourceLogs[];
}

export interface ResourceLogs {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeLogs: readonly {
    readonly scope: { readonly name: string };
    readonly logRecords: readonly LogRecord[];
  }[];
}

export interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean };

export interface LogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly Attribute[];
}

/** Far below what a request may hold: a collector takes 20 MiB, New Relic 1 MB. */
const MAX_BODY_BYTES = 250_000;
const MAX_VALUE_BYTES = 4000;
const MAX_LABELS = 50;

const SCOPE = { name: 'kube-courier' };

/** The request of some events; those of one object stand together. */
export function logsRequest(
  events: readonly ClusterEvent[],
  resourceAttributes: Readonly<Record<string, string>>,
): LogsRequest {
  const items = events.map((event) => ({ resource: resourceOf(event, resourceAttributes), event }));
  const byResource = Map.groupBy(items, ({ resource }) => JSON.stringify(resource));
  const resourceLogs = [...byResource.values()].map((group): ResourceLogs => ({
    resource: { attributes: group[0]?.resource ?? [] },
    scopeLogs: [{ scope: SCOPE, logRecords: group.map(({ event }) => recordOfEvent(event)) }],
  }));
  return { resourceLogs };
}

/** By the names of the collector's own receiver of Kubernetes events (`k8seventsreceiver`), with the cluster. */
function resourceOf(event: ClusterEvent, given: Readonly<Record<string, string>>): readonly Attribute[] {
  const { object, source, node, raw } = event;
  const involved = recordOf(raw.involvedObject ?? raw.regarding);
  return attributes({
    'service.name': 'kube-courier',
    ...given,
    'k8s.cluster.name': event.cluster,
    'k8s.node.name': source.host || node,
    'k8s.object.kind': object.kind,
    'k8s.object.name': object.name,
    'k8s.object.uid': object.uid,
    'k8s.object.fieldpath': object.fieldPath,
    'k8s.object.api_version': object.apiVersion,
    'k8s.object.resource_version': textOf(involved['resourceVersion']),
  });
}

function recordOfEvent(event: ClusterEvent): LogRecord {
  const { object, owner, source, raw } = event;
  const known = {
    'k8s.event.reason': event.reason,
    'k8s.event.action': event.action,
    'k8s.event.start_time': textOf(recordOf(raw.metadata)['creationTimestamp']),
    'k8s.event.name': event.name,
    'k8s.event.uid': event.uid,
    'k8s.namespace.name': object.namespace,
    'k8s.event.count': Math.min(event.count, Number.MAX_SAFE_INTEGER),
    // What the receiver does not say.
    'event.id': event.id,
    'event.severity': event.severity,
    'k8s.event.source': source.component,
    'k8s.event.first_seen': event.firstSeen,
    'k8s.object.owner.kind': owner?.kind ?? '',
    'k8s.object.owner.name': owner?.name ?? '',
    ...(owner && { 'k8s.object.owner.guessed': owner.guessed === true }),
    ...namedObjects(event),
    ...labels(`k8s.${conventionOf(object.kind) ?? 'object'}.label`, object.labels),
    ...labels('k8s.namespace.label', event.namespace.labels),
  };
  return {
    timeUnixNano: nanoseconds(event.lastSeen),
    observedTimeUnixNano: nanoseconds(event.seenAt),
    severityNumber: severityNumber(event),
    severityText: cutBytes(event.type, MAX_VALUE_BYTES),
    body: { stringValue: cutBytes(event.message, MAX_BODY_BYTES) },
    attributes: attributes(known),
  };
}

/** `INFO`, `WARN` and `FATAL` of OTLP. The receiver goes by the type, and knows no others than these two. */
const BY_TYPE: Readonly<Record<string, number>> = { Normal: 9, Warning: 13 };
const BY_SEVERITY: Readonly<Record<Severity, number>> = { info: 9, warning: 13, critical: 21 };

function severityNumber({ type, severity }: ClusterEvent): number {
  return (Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined) ?? BY_SEVERITY[severity];
}

/** Kinds of which the semantic conventions have attributes, and what they call them. */
const CONVENTIONS: readonly string[] = [
  'pod',
  'node',
  'namespace',
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'hpa',
];

function conventionOf(kind: string): string | undefined {
  const name = kind === 'HorizontalPodAutoscaler' ? 'hpa' : kind.toLowerCase();
  return CONVENTIONS.includes(name) ? name : undefined;
}

/** `k8s.pod.name`, `k8s.deployment.name` and the like, by which other signals are found; the object's own name over its owner's. */
function namedObjects({ object, owner }: ClusterEvent): Readonly<Record<string, string>> {
  const ofObject = conventionOf(object.kind);
  const ofOwner = owner && conventionOf(owner.kind);
  const container = /^spec\.(?:initContainers|ephemeralContainers|containers)\{(.+)\}$/.exec(object.fieldPath)?.[1];
  return {
    ...(owner && ofOwner && { [`k8s.${ofOwner}.name`]: owner.name }),
    ...(ofObject && { [`k8s.${ofObject}.name`]: object.name, [`k8s.${ofObject}.uid`]: object.uid }),
    ...(container && { 'k8s.container.name': container }),
  };
}

/** As the conventions name labels, `k8s.pod.label.app`. */
function labels(prefix: string, of: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(of).slice(0, MAX_LABELS);
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}.${cutBytes(name, 400)}`, value]));
}

/** What is empty is no attribute. */
function attributes(values: Readonly<Record<string, string | number | boolean>>): readonly Attribute[] {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): AnyValue {
  if (typeof value === 'number') return { intValue: String(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  return { stringValue: cutBytes(value, MAX_VALUE_BYTES) };
}

function nanoseconds(time: string): string {
  return String(BigInt(Date.parse(time)) * 1_000_000n);
}
