import { nearest } from '../../../functions/core/kit/nearest.ts';
import { UntranslatableError } from './go-parse.ts';
import type { Value } from './go-value.ts';

type Row = readonly [code: string, type: Value['type']];

/** Fields and methods of the event as kube-eventer and kubernetes-event-exporter offer it, and where ours are. */
const FIELDS: Readonly<Record<string, Row>> = {
  '': ['event.raw', 'data'],
  Type: ['event.type', 'text'],
  Reason: ['event.reason', 'text'],
  Message: ['event.message', 'text'],
  Action: ['event.action', 'text'],
  Count: ['event.count', 'number'],
  Name: ['event.name', 'text'],
  Namespace: ['event.eventNamespace', 'text'],
  UID: ['event.uid', 'text'],
  ResourceVersion: ['event.resourceVersion', 'text'],
  FirstTimestamp: ['event.firstSeen', 'time'],
  LastTimestamp: ['event.lastSeen', 'time'],
  EventTime: ['event.lastSeen', 'time'],
  GetTimestampISO8601: ['event.firstSeen', 'text'],
  GetTimestampMs: ['event.firstSeen | date: "%s%L"', 'text'],
  CreationTimestamp: ['event.raw.metadata.creationTimestamp', 'maybe'],
  GenerateName: ['event.raw.metadata.generateName', 'maybe'],
  SelfLink: ['event.raw.metadata.selfLink', 'maybe'],
  Labels: ['event.raw.metadata.labels', 'data'],
  Annotations: ['event.raw.metadata.annotations', 'data'],
  ObjectMeta: ['event.raw.metadata', 'data'],
  ClusterName: ['event.cluster', 'text'],
  ReportingController: ['event.raw.reportingComponent', 'maybe'],
  ReportingInstance: ['event.raw.reportingInstance', 'maybe'],
  Source: ['event.source', 'data'],
  'Source.Component': ['event.source.component', 'text'],
  'Source.Host': ['event.source.host', 'text'],
  Series: ['event.raw.series', 'data'],
  'Series.Count': ['event.raw.series.count', 'maybe'],
  'Series.LastObservedTime': ['event.raw.series.lastObservedTime', 'maybe'],
  InvolvedObject: ['event.raw.involvedObject', 'data'],
  'InvolvedObject.Kind': ['event.object.kind', 'text'],
  'InvolvedObject.Name': ['event.object.name', 'text'],
  'InvolvedObject.Namespace': ['event.object.namespace', 'text'],
  'InvolvedObject.UID': ['event.object.uid', 'text'],
  'InvolvedObject.APIVersion': ['event.object.apiVersion', 'text'],
  'InvolvedObject.FieldPath': ['event.object.fieldPath', 'text'],
  'InvolvedObject.ResourceVersion': ['event.raw.involvedObject.resourceVersion', 'maybe'],
  'InvolvedObject.Labels': ['event.object.labels', 'data'],
  'InvolvedObject.Annotations': ['event.object.annotations', 'data'],
  'InvolvedObject.OwnerReferences': ['event.owner', 'data'],
  Related: ['event.raw.related', 'data'],
  'Related.Kind': ['event.raw.related.kind', 'maybe'],
  'Related.Name': ['event.raw.related.name', 'maybe'],
  'Related.Namespace': ['event.raw.related.namespace', 'maybe'],
};

const OWNER = 'event.owner';
const MAP = /^((?:InvolvedObject\.)?(?:Labels|Annotations))\.(\w+)$/;

/** The value of a field; undefined where the event has none of that name. */
export function findField(path: readonly string[]): Value | undefined {
  // Embedded structs, whose fields are the event's own.
  const names = path.filter((name) => name !== 'ObjectReference');
  while (names.length > 1 && (names[0] === 'ObjectMeta' || names[0] === 'Event')) names.shift();
  if (names.length === 1 && names[0] === 'Event') names.shift();
  const name = names.join('.');
  const row = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (row !== undefined) return { code: row[0], type: row[1], ...(row[0].includes('|') && { isFiltered: true }) };
  const [, map = '', key = ''] = MAP.exec(name) ?? [];
  const entries = FIELDS[map];
  return entries === undefined || key === '' ? undefined : { code: `${entries[0]}.${key}`, type: 'maybe' };
}

/** The first of the owner references, where we have one owner: the topmost controller. @throws {UntranslatableError} */
export function ownerAt({ literal }: Value): Value {
  if (literal !== 0) throw new UntranslatableError('an owner other than the first');
  return { code: OWNER, type: 'data' };
}

/** What is known of an owner. @throws {UntranslatableError} */
export function ofOwner(part: 'kind' | 'name'): (owner: Value) => Value {
  return (owner) => {
    if (!isOwner(owner)) throw new UntranslatableError(`the ${part} of what is no owner`);
    return { code: `${OWNER}.${part}`, type: 'maybe' };
  };
}

export function isOwner({ code }: Value): boolean {
  return code === OWNER;
}

/** @throws {UntranslatableError} with what the name may have meant. */
export function unknownField(path: readonly string[]): never {
  const near = nearest(path.join('.'), Object.keys(FIELDS));
  const meant = near === undefined ? '' : ` (did you mean .${near}?)`;
  throw new UntranslatableError(`the field .${path.join('.')}${meant}`);
}
