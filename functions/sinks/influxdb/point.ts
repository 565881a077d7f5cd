import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { pointTime, type Point } from './line.ts';

/** What can be a tag; what is not is a field. */
export const tagNames = [
  'cluster',
  'namespace',
  'kind',
  'type',
  'severity',
  'reason',
  'component',
  'name',
  'host',
  'action',
  'apiVersion',
  'fieldPath',
  'uid',
  'objectUid',
  'owner',
  'ownerKind',
  'node',
] as const;

export type TagName = (typeof tagNames)[number];

export interface PointOptions {
  readonly layout: 'event' | 'kube-eventer' | 'kube-eventer-fields';
  readonly measurement?: string | undefined;
  readonly tags: readonly TagName[];
}

/** The point of an event in the layout chosen. */
export function eventPoint(event: ClusterEvent, options: PointOptions): Point {
  const { defaultMeasurement, tags, fields } = layouts[options.layout](event, options.tags);
  return { measurement: options.measurement ?? defaultMeasurement, tags, fields, timestamp: pointTime(event) };
}

interface Layout {
  readonly defaultMeasurement: string;
  readonly tags: Point['tags'];
  readonly fields: Point['fields'];
}

/** Empty for none, and no field then. */
function asJson(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels).length > 0 ? toJson(labels) : '';
}

const layouts: Readonly<Record<PointOptions['layout'], (event: ClusterEvent, tags: readonly TagName[]) => Layout>> = {
  event(event, chosen) {
    const texts: Readonly<Record<TagName, string>> = {
      cluster: event.cluster,
      namespace: event.object.namespace,
      kind: event.object.kind,
      type: event.type,
      severity: event.severity,
      reason: event.reason,
      component: event.source.component,
      name: event.object.name,
      host: event.source.host,
      action: event.action,
      apiVersion: event.object.apiVersion,
      fieldPath: event.object.fieldPath,
      uid: event.uid,
      objectUid: event.object.uid,
      owner: event.owner?.name ?? '',
      ownerKind: event.owner?.kind ?? '',
      node: event.node,
    };
    const part = (names: readonly TagName[]) => Object.fromEntries(names.map((name) => [name, texts[name]]));
    return {
      defaultMeasurement: 'kubernetes_events',
      tags: part(chosen),
      fields: {
        message: event.message,
        count: event.count,
        ...part(tagNames.filter((name) => !chosen.includes(name))),
        version: event.resourceVersion,
        ownerGuessed: event.owner?.guessed === true ? 'true' : '',
        labels: asJson(event.object.labels),
        namespaceLabels: asJson(event.namespace.labels),
      },
    };
  },

  /** What kube-eventer writes: the whole Event as one text. */
  'kube-eventer'(event) {
    const isPod = event.object.kind === 'Pod';
    return {
      defaultMeasurement: 'log/events',
      tags: {
        uid: event.uid,
        hostname: event.source.host,
        cluster_name: event.cluster,
        ...(isPod && { pod_id: event.object.uid, pod_name: event.object.name }),
      },
      fields: { value: toJson(event.raw, 1) },
    };
  },

  /** What kube-eventer writes with `withfields=true`. */
  'kube-eventer-fields'(event) {
    return {
      defaultMeasurement: 'events',
      tags: {
        uid: event.uid,
        object_name: event.object.name,
        type: event.type,
        kind: event.object.kind,
        component: event.source.component,
        reason: event.reason,
        namespace_name: event.eventNamespace,
        hostname: event.source.host,
        cluster_name: event.cluster,
        ...(event.object.kind === 'Pod' && { pod_id: event.object.uid }),
      },
      // A point needs a field: an Event without a message would be none.
      fields: { message: event.message || event.reason || ' ' },
    };
  },
};
