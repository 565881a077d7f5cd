import { createHash } from 'node:crypto';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { recordOf, textsOf } from '../../core/contract/untrusted.ts';
import { toJson } from '../../core/kit/json.ts';
import { renderText } from '../../core/kit/template.ts';
import { comparableVersion } from '../../core/kit/version.ts';

export interface DocumentOptions {
  readonly mode: 'data-stream' | 'daily' | 'latest';
  readonly index: string;
  readonly format: 'event' | 'kube-eventer';
  readonly documentIds: boolean;
}

/** One event's two lines of a bulk body: what to do, and the document. */
export function bulkLines(event: ClusterEvent, options: DocumentOptions): readonly [action: string, source: string] {
  const source = options.format === 'event' ? eventDocument(event) : kubeEventerDocument(event);
  return [toJson(action(event, options)), toJson({ '@timestamp': event.lastSeen, ...source })];
}

function action(event: ClusterEvent, options: DocumentOptions): unknown {
  const index = indexName(event, options);
  if (options.mode === 'latest') {
    // The server keeps the higher version: an older copy that arrives late is refused, which is what is wanted.
    const version = String(comparableVersion(event));
    return { index: { _index: index, _id: hash(`${event.cluster}/${event.uid}`), version, version_type: 'external' } };
  }
  return { create: { _index: index, ...(options.documentIds && { _id: hash(event.id) }) } };
}

/** Ids are limited to 512 bytes, and what identifies an event is not. */
function hash(identity: string): string {
  return createHash('sha256').update(identity).digest('base64url');
}

const MAX_INDEX_BYTES = 255;

/** The index an event belongs to, as a name that every version accepts. */
export function indexName(event: ClusterEvent, options: Pick<DocumentOptions, 'mode' | 'index'>): string {
  const suffix = options.mode === 'daily' ? `-${event.lastSeen.slice(0, 10).replaceAll('-', '.')}` : '';
  const name = renderText(options.index, { event })
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .replace(/^[-_.]+/, '')
    .slice(0, MAX_INDEX_BYTES - suffix.length);
  return `${name || 'kube-events'}${suffix}`;
}

function eventDocument(event: ClusterEvent): object {
  const { raw: _, ...view } = event;
  const { labels, annotations, ...object } = event.object;
  return { ...view, object: { ...object, ...pairsOf({ labels, annotations }) }, namespace: pairsOf(event.namespace) };
}

/**
 * Labels and annotations as lists of texts, `labelPairs: ["app=web"]`. Their keys must not become names of fields: the mapping would
 * grow by a field for each, and with `app` and `app.kubernetes.io/name` one field would have to be both a text and an object. The name
 * is another one than that of the map, because indices exist that have it mapped as an object.
 */
function pairsOf({ labels, annotations }: { readonly labels: unknown; readonly annotations: unknown }): object {
  const pairs = (map: unknown): readonly string[] => Object.entries(textsOf(map)).map((pair) => pair.join('='));
  return { labelPairs: pairs(labels), annotationPairs: pairs(annotations) };
}

/** What the API says of an object: its fields that are texts, and its labels and annotations. */
function objectFields(value: unknown): object {
  const { labels, annotations, ...fields } = recordOf(value);
  return { ...textsOf(fields), ...pairsOf({ labels, annotations }) };
}

/** kube-eventer's fields, for dashboards that exist. Its zero time for a missing first occurrence is the fallback's here. */
function kubeEventerDocument(event: ClusterEvent): object {
  const { object, raw } = event;
  const isPod = object.kind === 'Pod';
  return {
    Count: event.count,
    Metadata: objectFields(raw.metadata),
    InvolvedObject: objectFields(raw.involvedObject ?? raw.regarding),
    Source: event.source,
    FirstOccurrenceTimestamp: event.firstSeen,
    LastOccurrenceTimestamp: event.lastSeen,
    Message: event.message,
    Reason: event.reason,
    Type: event.type,
    EventTags: {
      eventID: event.uid,
      cluster_name: event.cluster,
      hostname: event.source.host,
      ...(isPod && { pod_id: object.uid, pod_name: object.name }),
    },
  };
}
