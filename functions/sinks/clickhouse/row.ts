import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { comparableVersion } from '../../core/kit/version.ts';

/** ClickHouse takes a larger number without a word, and stores what is left of it in 32 bits. */
const MAX_UINT32 = 2 ** 32 - 1;

/** The row of schema.sql as a line of JSONEachRow. */
export function rowJson(event: ClusterEvent): string {
  const { object, owner, namespace, source } = event;
  return toJson({
    id: event.id,
    cluster: event.cluster,
    uid: event.uid,
    resource_version: String(comparableVersion(event)),
    name: event.name,
    type: event.type,
    severity: event.severity,
    reason: event.reason,
    action: event.action,
    message: event.message,
    count: Math.min(event.count, MAX_UINT32),
    first_seen: event.firstSeen,
    last_seen: event.lastSeen,
    seen_at: event.seenAt,
    object_api_version: object.apiVersion,
    object_kind: object.kind,
    object_namespace: object.namespace,
    object_name: object.name,
    object_uid: object.uid,
    object_field_path: object.fieldPath,
    component: source.component,
    host: source.host,
    owner_kind: owner?.kind ?? '',
    owner_name: owner?.name ?? '',
    owner_guessed: owner?.guessed === true ? 1 : 0,
    node: event.node,
    labels: object.labels,
    annotations: object.annotations,
    namespace_labels: namespace.labels,
    namespace_annotations: namespace.annotations,
    raw: toJson(event.raw),
  });
}
