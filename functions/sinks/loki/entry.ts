import { createHash } from 'node:crypto';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { renderTree } from '../../core/kit/template.ts';
import { cutBytes } from '../../core/kit/text.ts';
import { withoutEmpty } from './labels.ts';

/** A line of a stream: its time in nanoseconds as text, the line, and its structured metadata. */
export type Entry = readonly [time: string, line: string, metadata?: Readonly<Record<string, string>>];

export interface EntryOptions {
  readonly line?: unknown;
  readonly structuredMetadata: boolean;
}

/** Loki takes lines of 256 KB, and metadata of 64 KB in 128 entries. https://grafana.com/docs/loki/latest/configure/#limits_config */
const MAX_LINE_BYTES = 250_000;
const MAX_VALUE_BYTES = 1000;
const MAX_LABELS_BYTES = 8000;

/** An event as an entry of its stream. */
export function entryOf(event: ClusterEvent, options: EntryOptions): Entry {
  const line = cutBytes(lineOf(event, options.line), MAX_LINE_BYTES);
  const time = nanosecondsOf(event);
  return options.structuredMetadata ? [time, line, metadataOf(event)] : [time, line];
}

function lineOf(event: ClusterEvent, template: unknown): string {
  if (template === undefined) return event.message;
  const line = renderTree(template, { event });
  return typeof line === 'string' ? line : toJson(line);
}

const MILLION = 1_000_000n;

/**
 * The time of an event with what tells it from others of its millisecond, in their order: Kubernetes counts in seconds, and Loki
 * takes two entries of one stream, time and line for one. A repeat has the same time, and so is one with what was stored before.
 */
export function nanosecondsOf({ id, lastSeen, resourceVersion }: ClusterEvent): string {
  const isCounted = /^\d{1,19}$/.test(resourceVersion);
  const order = isCounted ? BigInt(resourceVersion) : createHash('sha256').update(id).digest().readBigUInt64BE();
  return String(BigInt(Date.parse(lastSeen)) * MILLION + (order % MILLION));
}

/** What is known of an event, by names that LogQL can use. Grafana shows `level`. */
function metadataOf(event: ClusterEvent): Readonly<Record<string, string>> {
  const { object, owner, source, namespace } = event;
  const known = {
    kind: object.kind,
    name: object.name,
    reason: event.reason,
    level: event.severity,
    action: event.action,
    component: source.component,
    host: source.host,
    node: event.node,
    owner_kind: owner?.kind ?? '',
    owner_name: owner?.name ?? '',
    owner_guessed: owner ? String(owner.guessed === true) : '',
    field_path: object.fieldPath,
    api_version: object.apiVersion,
    object_uid: object.uid,
    event_id: event.id,
    event_uid: event.uid,
    event_namespace: event.eventNamespace,
    count: String(event.count),
    first_seen: event.firstSeen,
  };
  const labels = { object_labels: pairs(object.labels), namespace_labels: pairs(namespace.labels) };
  return { ...withoutEmpty(known, MAX_VALUE_BYTES), ...withoutEmpty(labels, MAX_LABELS_BYTES) };
}

/** Labels as one text, `app=api,tier=web`: Loki takes few entries. */
function pairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
}
