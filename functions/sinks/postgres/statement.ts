import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { cutBytes } from '../../core/kit/text.ts';
import { comparableVersion } from '../../core/kit/version.ts';

/** A statement with one value: the rows as a JSON array. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly [rows: string];
}

/** What a statement depends on besides the events. */
export interface Target {
  readonly table: string;
  readonly mode: 'history' | 'latest';
}

/** The columns of schema.sql and their types. */
const COLUMNS = {
  event_key: 'text',
  cluster: 'text',
  event_uid: 'text',
  event_name: 'text',
  resource_version: 'bigint',
  api_version: 'text',
  kind: 'text',
  namespace: 'text',
  name: 'text',
  object_uid: 'text',
  field_path: 'text',
  type: 'text',
  severity: 'text',
  reason: 'text',
  action: 'text',
  message: 'text',
  count: 'integer',
  component: 'text',
  host: 'text',
  first_seen: 'timestamptz',
  last_seen: 'timestamptz',
  seen_at: 'timestamptz',
  owner_kind: 'text',
  owner_name: 'text',
  owner_guessed: 'boolean',
  node: 'text',
  labels: 'jsonb',
  annotations: 'jsonb',
  namespace_labels: 'jsonb',
  namespace_annotations: 'jsonb',
  event: 'jsonb',
};

type Row = Readonly<Record<keyof typeof COLUMNS, unknown>>;

const MAX_INTEGER = 2 ** 31 - 1;

/** An entry of an index holds 2,704 bytes; names in Kubernetes have at most 253. */
const MAX_INDEXED_BYTES = 1000;

/** What makes the row of an event unique. */
export function keyOf(event: ClusterEvent, mode: Target['mode']): string {
  return mode === 'latest' ? `${event.cluster}/${event.uid}` : event.id;
}

/** The row of an event as JSON that PostgreSQL can store: neither its texts nor its JSON hold U+0000. */
export function rowJson(event: ClusterEvent, mode: Target['mode']): string {
  const { object, owner, namespace, source } = event;
  const row: Row = {
    event_key: keyOf(event, mode),
    cluster: event.cluster,
    event_uid: event.uid,
    event_name: event.name,
    resource_version: String(comparableVersion(event)),
    api_version: object.apiVersion,
    kind: object.kind,
    namespace: cutBytes(object.namespace, MAX_INDEXED_BYTES),
    name: cutBytes(object.name, MAX_INDEXED_BYTES),
    object_uid: object.uid,
    field_path: object.fieldPath,
    type: event.type,
    severity: event.severity,
    reason: cutBytes(event.reason, MAX_INDEXED_BYTES),
    action: event.action,
    message: event.message,
    count: Math.min(event.count, MAX_INTEGER),
    component: source.component,
    host: source.host,
    first_seen: event.firstSeen,
    last_seen: event.lastSeen,
    seen_at: event.seenAt,
    owner_kind: owner?.kind ?? '',
    owner_name: owner?.name ?? '',
    owner_guessed: owner?.guessed === true,
    node: event.node,
    labels: object.labels,
    annotations: object.annotations,
    namespace_labels: namespace.labels,
    namespace_annotations: namespace.annotations,
    event: event.raw,
  };
  return withoutNul(toJson(row));
}

/** Of JSON text. Escapes are read one by one: in `\\u0000` it is the backslash that is escaped. */
function withoutNul(json: string): string {
  if (!json.includes(String.raw`\u0000`)) return json;
  return json.replaceAll(/\\(?:u0000|.)/gs, (escape) => (escape === String.raw`\u0000` ? '\uFFFD' : escape));
}

/**
 * One INSERT that leaves one row per key however often it is run. The rows are one value: the text of the statement is the same for
 * any number of them, and the protocol's limit of 65,535 values is never met.
 */
export function insert(rows: readonly string[], { table, mode }: Target): Statement {
  const names = Object.keys(COLUMNS).join(', ');
  const typed = Object.entries(COLUMNS).map((column) => column.join(' '));
  return {
    sql: [
      `INSERT INTO ${quoted(table)} AS kept (${names})`,
      `SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS rows(${typed.join(', ')})`,
      mode === 'latest' ? replaceOlder() : 'ON CONFLICT DO NOTHING',
    ].join(' '),
    values: [`[${rows.join(',')}]`],
  };
}

/** A row is replaced unless it is newer: queues do not keep order. */
function replaceOlder(): string {
  const others = Object.keys(COLUMNS).filter((name) => name !== 'event_key');
  const assignments = others.map((name) => `${name} = excluded.${name}`).join(', ');
  return `ON CONFLICT (event_key) DO UPDATE SET ${assignments} WHERE kept.resource_version <= excluded.resource_version`;
}

/** A table, with its schema where that is given: both are names as they are, not folded to lower case. */
function quoted(table: string): string {
  return table
    .split('.')
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .join('.');
}
