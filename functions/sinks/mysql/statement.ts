import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { comparableVersion } from '../../core/kit/version.ts';

/** A value of a row; numbers that may exceed 2^53 are texts. */
export type Value = string | number;

/** A statement with one `?` per value. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A column and what it holds. */
export interface Column {
  readonly name: string;
  readonly value: (event: ClusterEvent) => Value;
}

/** What a statement depends on besides the events. */
export interface Target {
  readonly table?: string | undefined;
  readonly layout: 'standard' | 'legacy';
  readonly mode: 'history' | 'latest';
}

/** The columns of schema.sql. `resource_version` is last, because {@link insert} compares it until then. */
function standardColumns(mode: Target['mode']): readonly Column[] {
  return [
    {
      name: 'event_key',
      value: (event) => (mode === 'latest' ? `${event.cluster}/${event.uid}` : event.id).toWellFormed(),
    },
    text('cluster', 63, (event) => event.cluster),
    text('event_id', 255, (event) => event.uid),
    text('event_name', 255, (event) => event.name),
    text('api_version', 255, ({ object }) => object.apiVersion),
    text('kind', 255, ({ object }) => object.kind),
    text('namespace', 255, ({ object }) => object.namespace),
    text('name', 255, ({ object }) => object.name),
    text('object_uid', 255, ({ object }) => object.uid),
    text('field_path', 1024, ({ object }) => object.fieldPath),
    text('type', 64, (event) => event.type),
    text('reason', 255, (event) => event.reason),
    text('action', 255, (event) => event.action),
    text('message', Infinity, (event) => event.message),
    { name: 'count', value: (event) => Math.min(event.count, MAX_UNSIGNED_INT) },
    text('component', 255, ({ source }) => source.component),
    text('host', 255, ({ source }) => source.host),
    { name: 'first_occurrence_time', value: (event) => datetime(event.firstSeen) },
    { name: 'last_occurrence_time', value: (event) => datetime(event.lastSeen) },
    { name: 'seen_at', value: (event) => datetime(event.seenAt) },
    text('severity', 16, (event) => event.severity),
    text('owner_kind', 255, ({ owner }) => owner?.kind ?? ''),
    text('owner_name', 255, ({ owner }) => owner?.name ?? ''),
    { name: 'owner_guessed', value: ({ owner }) => (owner?.guessed === true ? 1 : 0) },
    text('node', 255, (event) => event.node),
    { name: 'labels', value: ({ object }) => toJson(object.labels) },
    { name: 'annotations', value: ({ object }) => toJson(object.annotations) },
    { name: 'namespace_labels', value: ({ namespace }) => toJson(namespace.labels) },
    { name: 'namespace_annotations', value: ({ namespace }) => toJson(namespace.annotations) },
    { name: 'resource_version', value: (event) => String(comparableVersion(event)) },
  ];
}

/** The columns of kube-eventer's table. Their widths differ between installations: the server cuts what is too long. */
const legacyColumns: readonly Column[] = [
  text('namespace', Infinity, ({ object }) => object.namespace),
  text('kind', Infinity, ({ object }) => object.kind),
  text('name', Infinity, ({ object }) => object.name),
  text('type', Infinity, (event) => event.type),
  text('reason', Infinity, (event) => event.reason),
  text('message', Infinity, (event) => event.message),
  text('event_id', Infinity, (event) => event.uid),
  { name: 'first_occurrence_time', value: (event) => goTime(event.firstSeen) },
  { name: 'last_occurrence_time', value: (event) => goTime(event.lastSeen) },
];

const MAX_UNSIGNED_INT = 2 ** 32 - 1;

/** The rows of these events as one INSERT that leaves one row however often it is run. */
export function insert(events: readonly ClusterEvent[], { table, layout, mode }: Target): Statement {
  const columns = layout === 'legacy' ? legacyColumns : standardColumns(mode);
  const names = columns.map(({ name }) => quoted(name));
  const row = `(${names.map(() => '?').join(', ')})`;
  return {
    sql: [
      `INSERT INTO ${quoted(table ?? (layout === 'legacy' ? 'kube_event' : 'kube_events'))} (${names.join(', ')})`,
      `VALUES ${events.map(() => row).join(', ')}`,
      `ON DUPLICATE KEY UPDATE ${onDuplicate(names, layout === 'standard' && mode === 'latest').join(', ')}`,
    ].join(' '),
    values: events.flatMap((event) => columns.map(({ value }) => value(event))),
  };
}

/**
 * In mode latest a row is replaced unless it is newer: queues do not keep order. Assignments take effect from left to right,
 * so the version is the last. VALUES() is the form that both MySQL and MariaDB have.
 */
function onDuplicate(names: readonly string[], isLatest: boolean): readonly string[] {
  const [key, ...others] = names;
  if (!isLatest) return [`${key} = ${key}`];
  const version = quoted('resource_version');
  return others.map((name) => `${name} = IF(VALUES(${version}) >= ${version}, VALUES(${name}), ${name})`);
}

/** The bytes an event takes in a statement. */
export function rowBytes(event: ClusterEvent, target: Target): number {
  return insert([event], target).values.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)) + 9, 0);
}

function text(name: string, maxCharacters: number, value: (event: ClusterEvent) => string): Column {
  return { name, value: (event) => cut(value(event), maxCharacters).toWellFormed() };
}

/** MySQL counts the width of a column in code points. */
function cut(value: string, maxCharacters: number): string {
  if (value.length <= maxCharacters) return value;
  return Array.from(value.slice(0, 2 * maxCharacters))
    .slice(0, maxCharacters)
    .join('');
}

/** `2026-11-23 07:59:30.000`, for DATETIME(3). */
function datetime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}

/** `2026-11-23 07:59:30 +0000 UTC`, the form of a time in kube-eventer's table. */
function goTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
