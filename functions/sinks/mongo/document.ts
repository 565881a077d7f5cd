import type { ClusterEvent } from '../../core/contract/event.ts';
import { comparableVersion } from '../../core/kit/version.ts';

/** An event as it is stored: kube-eventer's fields under their names, and what else tells events apart. */
export interface EventDocument {
  /** What is kept once: the version of an event in mode history, the event in mode latest. */
  readonly _id: string;
  /** What orders the versions of an event. */
  readonly version: number;
  readonly [field: string]: string | number | boolean | Date | readonly string[];
}

export function renderDocument(event: ClusterEvent, mode: 'history' | 'latest'): EventDocument {
  const { object, source } = event;
  const text = (value: string): string => value.toWellFormed();
  return {
    _id: text(mode === 'latest' ? `${event.cluster}/${event.uid}` : event.id),
    cluster: text(event.cluster),
    event_id: text(event.uid),
    event_name: text(event.name),
    resource_version: text(event.resourceVersion),
    api_version: text(object.apiVersion),
    kind: text(object.kind),
    namespace: text(object.namespace),
    name: text(object.name),
    object_uid: text(object.uid),
    field_path: text(object.fieldPath),
    type: text(event.type),
    severity: event.severity,
    reason: text(event.reason),
    action: text(event.action),
    message: text(event.message),
    component: text(source.component),
    host: text(source.host),
    version: Number(comparableVersion(event)),
    count: event.count,
    first_occurrence_time: new Date(event.firstSeen),
    last_occurrence_time: new Date(event.lastSeen),
    seen_at: new Date(event.seenAt),
    ...contextOf(event),
  };
}

/** What the relay knows of the object, each part only where it is known. Keys of labels are no names of fields: dots part those. */
function contextOf({ owner, node, object, namespace }: ClusterEvent): Partial<EventDocument> {
  const lists = {
    label_pairs: object.labels,
    annotation_pairs: object.annotations,
    namespace_label_pairs: namespace.labels,
    namespace_annotation_pairs: namespace.annotations,
  };
  return {
    ...(owner && {
      owner_kind: owner.kind.toWellFormed(),
      owner_name: owner.name.toWellFormed(),
      owner_guessed: owner.guessed === true,
    }),
    ...(node !== '' && { node: node.toWellFormed() }),
    ...Object.fromEntries(
      Object.entries(lists)
        .map(([name, texts]) => [name, Object.entries(texts).map((pair) => pair.join('=').toWellFormed())] as const)
        .filter(([, pairs]) => pairs.length > 0),
    ),
  };
}
