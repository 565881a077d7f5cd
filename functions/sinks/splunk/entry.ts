import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { cutBytes } from '../../core/kit/text.ts';
import { eventDocument } from '../../core/kit/event-document.ts';

export interface EntryOptions {
  readonly index?: string | undefined;
  readonly source: string;
  readonly sourcetype: string;
  readonly format: 'event' | 'raw';
}

/** Splunk cuts what is longer than its source type's TRUNCATE, 10,000 bytes by default; this is what a request has room for. */
const MAX_EVENT_BYTES = 200_000;
const MAX_FIELD_BYTES = 1000;

/** An event as an object of the collector's event endpoint. One line of JSON. */
export function entryOf(event: ClusterEvent, { index, source, sourcetype, format }: EntryOptions): string {
  const head = {
    // Seconds, with milliseconds.
    time: Date.parse(event.lastSeen) / 1000,
    host: cutBytes(event.node || event.source.host || event.cluster, MAX_FIELD_BYTES),
    source,
    sourcetype,
    ...(index !== undefined && { index }),
    fields: fieldsOf(event),
  };
  const raw = format === 'raw' ? toJson(event.raw) : '';
  const document =
    raw !== '' && Buffer.byteLength(raw) <= MAX_EVENT_BYTES ? raw : eventDocument(event, MAX_EVENT_BYTES);
  return `${toJson(head).slice(0, -1)},"event":${document}}`;
}

/** Fields that are indexed, so that a search by them is fast: one level, texts. An empty one is refused. */
function fieldsOf({
  cluster,
  object,
  owner,
  type,
  severity,
  reason,
  id,
}: ClusterEvent): Readonly<Record<string, string>> {
  const fields = {
    cluster_name: cluster,
    namespace: object.namespace,
    kind: object.kind,
    type,
    severity,
    reason,
    owner_kind: owner?.kind ?? '',
    owner_name: owner?.name ?? '',
    event_id: id,
  };
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.trim() !== '')
      .map(([name, value]) => [name, cutBytes(value, MAX_FIELD_BYTES)]),
  );
}
