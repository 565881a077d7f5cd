import { cutBytes } from '../../core/kit/text.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import type { SlsOptions } from './config.ts';
import { encodeLog } from './log-group.ts';

/** PutLogs refuses a value of more than 1 MB. */
const MAX_VALUE_BYTES = 1_000_000;

/** An event as a log, which has the event's time unless another is given. */
export function encodeEvent(
  event: ClusterEvent,
  options: Pick<SlsOptions, 'format' | 'fields'>,
  timeMs = Date.parse(event.lastSeen),
): Buffer {
  const texts = options.format === 'event' ? eventFields(event) : kubeEventerFields(event);
  const contents = Object.entries({ ...texts, ...options.fields })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name, cutBytes(value.toWellFormed(), MAX_VALUE_BYTES)] as const);
  return encodeLog({ timeMs, contents });
}

function eventFields(event: ClusterEvent): Readonly<Record<string, string>> {
  const { object, owner, namespace, source } = event;
  const asJson = (texts: Readonly<Record<string, string>>) => (Object.keys(texts).length > 0 ? toJson(texts) : '');
  return {
    id: event.id,
    cluster: event.cluster,
    type: event.type,
    severity: event.severity,
    reason: event.reason,
    message: event.message,
    action: event.action,
    count: String(event.count),
    namespace: object.namespace,
    kind: object.kind,
    name: object.name,
    apiVersion: object.apiVersion,
    objectUid: object.uid,
    fieldPath: object.fieldPath,
    labels: asJson(object.labels),
    annotations: asJson(object.annotations),
    owner: owner?.name ?? '',
    ownerKind: owner?.kind ?? '',
    ownerGuessed: owner?.guessed === true ? 'true' : '',
    node: event.node,
    namespaceLabels: asJson(namespace.labels),
    namespaceAnnotations: asJson(namespace.annotations),
    component: source.component,
    host: source.host,
    uid: event.uid,
    resourceVersion: event.resourceVersion,
    eventNamespace: event.eventNamespace,
    eventName: event.name,
    firstSeen: event.firstSeen,
    lastSeen: event.lastSeen,
  };
}

/** kube-eventer's fields; its `eventId` is the whole Event. The id is ours, to find duplicates by. */
function kubeEventerFields(event: ClusterEvent): Readonly<Record<string, string>> {
  const isPod = event.object.kind === 'Pod';
  return {
    eventId: toJson(event.raw, 1),
    hostname: event.source.host,
    level: event.type,
    ...(isPod && { pod_id: event.object.uid, pod_name: event.object.name }),
    id: event.id,
  };
}
