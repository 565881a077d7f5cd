/**
 * The event contract: what the relay puts on the ingest queue, and the one shape everything after it reads.
 *
 * Messages are versioned JSON because dead letters outlive deploys. Unknown fields are ignored; an unknown `v` is
 * refused as `unsupported_version`. This folder has no dependency here, so that the relay can share it.
 */
import { type EventContext, parseContext } from './context.ts';
import { severityOf, type Severity } from './severity.ts';
import { isRecord, recordOf, textOf, textsOf } from './untrusted.ts';

/** The version of the messages this build writes, and the only one it reads so far. */
export const MESSAGE_VERSION = 1;

/**
 * An Event as the Kubernetes API gives it (core/v1, or events.k8s.io/v1 where the names differ). Only the names of its fields are
 * typed: nothing in it is trusted, so a reader has to find out what a field holds (`untrusted.ts`), or takes {@link clusterEvent}.
 */
export interface KubeEvent {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: unknown;
  readonly involvedObject?: unknown;
  readonly regarding?: unknown;
  readonly related?: unknown;
  readonly type?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly note?: unknown;
  readonly action?: unknown;
  readonly count?: unknown;
  readonly deprecatedCount?: unknown;
  readonly series?: unknown;
  readonly eventTime?: unknown;
  readonly firstTimestamp?: unknown;
  readonly lastTimestamp?: unknown;
  readonly deprecatedFirstTimestamp?: unknown;
  readonly deprecatedLastTimestamp?: unknown;
  readonly source?: unknown;
  readonly deprecatedSource?: unknown;
  readonly reportingComponent?: unknown;
  readonly reportingController?: unknown;
  readonly reportingInstance?: unknown;
}

/** How the relay came to see the event: a live watch (`added`, `modified`) or a list. */
export type Change = 'added' | 'modified' | 'listed';

/** Why events may have been missed: the criteria are in the relay's README. */
export type GapCause = 'expired' | 'restore' | 'cursor-lost' | 'refused' | 'unreadable';

interface MessageHead {
  readonly v: typeof MESSAGE_VERSION;
  /** The relay's CLUSTER_NAME. */
  readonly cluster: string;
  /** When the relay saw it, RFC 3339 UTC. */
  readonly seenAt: string;
}

export interface EventMessage extends MessageHead {
  readonly kind: 'event';
  readonly change: Change;
  /** The count the relay saw before for this uid, 0 if it saw none. Absent where it does not know, as after a restart. */
  readonly previousCount?: number;
  /** What is known of the object that the event is about, besides what the event says. */
  readonly context?: EventContext;
  /** The Event without `metadata.managedFields`. */
  readonly event: KubeEvent;
  /** Names of fields the relay shortened to keep the body below 256 KiB, dotted (`message`). */
  readonly shortened?: readonly string[];
  /** `<type>/<name>`: on a sink's queue always, on the ingest queue only for a letter replayed for one destination. */
  readonly destination?: string;
}

/** Sent every 5 minutes by the leading relay: its absence raises the alarm. */
export interface HeartbeatMessage extends MessageHead {
  readonly kind: 'heartbeat';
  readonly relay: {
    readonly version: string;
    /** The uid of the relay's Lease: two installations under one cluster name differ here. */
    readonly installation: string;
    readonly [detail: string]: unknown;
  };
}

/** Events between `from` and `to` (RFC 3339) may have been missed. */
export interface GapMessage extends MessageHead {
  readonly kind: 'gap';
  readonly from: string;
  readonly to: string;
  readonly cause: GapCause;
  readonly detail?: string;
}

export type Message = EventMessage | HeartbeatMessage | GapMessage;

/** An event as filters, templates and sinks see it: every fallback applied once, here. Plain JSON. */
export interface ClusterEvent {
  /** `<cluster>/<uid>/<resourceVersion>`: the idempotency key wherever a sink can use one. */
  readonly id: string;
  readonly cluster: string;
  /** The Event object's own uid, name, namespace and version. */
  readonly uid: string;
  readonly name: string;
  readonly eventNamespace: string;
  readonly resourceVersion: string;
  /** `Normal` or `Warning`; the API allows others. */
  readonly type: string;
  /** How serious it is for people; `type` does not say it. */
  readonly severity: Severity;
  readonly reason: string;
  readonly message: string;
  readonly action: string;
  /** Occurrences so far, at least 1. */
  readonly count: number;
  /**
   * Occurrences already seen before this message, 0 if it is the first. Below `count`, unless nothing new happened. Where the
   * relay did not know, it is the least that it can have been.
   */
  readonly previousCount: number;
  /** RFC 3339 UTC with milliseconds. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly seenAt: string;
  readonly change: Change;
  /** The object the event is about; `namespace` is `""` for cluster-scoped objects such as nodes. */
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly fieldPath: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly source: { readonly component: string; readonly host: string };
  /** The Event as the API gave it. */
  readonly raw: KubeEvent;
}

/** A message that no later attempt can make readable. `code` is stable and ends up on the dead letter. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: 'invalid_message' | 'unsupported_version';

  constructor(code: MessageError['code'], detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Reads a queue message's body.
 * @throws {MessageError} if it is not a message of a version this build knows.
 */
export function parseMessage(body: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new MessageError('invalid_message', 'the body is not JSON');
  }
  if (!isRecord(value)) throw new MessageError('invalid_message', 'the body is not a JSON object');
  const { v, kind, cluster, seenAt } = value;
  if (v !== MESSAGE_VERSION) {
    const found = typeof v === 'number' || typeof v === 'string' ? String(v).slice(0, 40) : typeof v;
    throw new MessageError('unsupported_version', `field v is ${found}, this build reads ${MESSAGE_VERSION}`);
  }
  if (typeof cluster !== 'string' || cluster === '') {
    throw new MessageError('invalid_message', 'field cluster is not a non-empty string');
  }
  const head = { v: MESSAGE_VERSION, cluster, seenAt: textOf(seenAt) } as const;
  switch (kind) {
    case 'event':
      return { ...eventFields(value), ...head, kind };
    case 'heartbeat': {
      const relay = isRecord(value['relay']) ? value['relay'] : {};
      const { version, installation } = relay;
      return { ...head, kind, relay: { ...relay, version: textOf(version), installation: textOf(installation) } };
    }
    case 'gap': {
      const { from, to, cause } = value;
      return { ...value, ...head, kind, from: textOf(from), to: textOf(to), cause: gapCause(cause) };
    }
    default:
      throw new MessageError('invalid_message', `field kind is not event, heartbeat or gap`);
  }
}

/** Writes a message as a body that SQS takes. */
export function writeMessage(message: Message): string {
  return writeJson(message);
}

/**
 * A value as JSON that a body may hold: JSON leaves U+FFFE and U+FFFF bare, which SQS refuses, and what lies beyond the basic
 * plane, which its emulators refuse.
 */
export function writeJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\uD800-\uDFFF\uFFFE\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The fields of an event's message as far as they hold what they should; unknown ones travel on. */
function eventFields(value: Readonly<Record<string, unknown>>): Omit<EventMessage, keyof MessageHead | 'kind'> {
  const { change, event, destination, previousCount, context, shortened, ...unknownFields } = value;
  if (!isKubeEvent(event)) {
    throw new MessageError('invalid_message', 'field event is not an Event with a metadata.uid or metadata.name');
  }
  if (destination !== undefined && typeof destination !== 'string') {
    throw new MessageError('invalid_message', 'field destination is not a string');
  }
  return {
    ...unknownFields,
    event,
    change: change === 'modified' || change === 'listed' ? change : 'added',
    ...(destination !== undefined && { destination }),
    ...(isCount(previousCount) && { previousCount }),
    ...(isRecord(context) && { context: parseContext(context) }),
    ...(Array.isArray(shortened) && { shortened: shortened.map(String) }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Whether a value is an Event that can be identified: an object with a `metadata.uid` or `metadata.name`. */
export function isKubeEvent(value: unknown): value is KubeEvent {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { uid, name } = value['metadata'];
  return textOf(uid) !== '' || textOf(name) !== '';
}

function gapCause(value: unknown): GapCause {
  switch (value) {
    case 'restore':
    case 'cursor-lost':
    case 'refused':
    case 'unreadable':
      return value;
    default:
      return 'expired';
  }
}

/**
 * The view of an event that filters, templates and sinks share. Never throws: a field of the wrong type counts as
 * missing, a timestamp that is missing or absurd falls back to the next best one.
 */
export function clusterEvent(message: EventMessage): ClusterEvent {
  const { event, cluster, change } = message;
  const metadata = recordOf(event.metadata);
  const involved = recordOf(event.involvedObject ?? event.regarding);
  const source = recordOf(event.source ?? event.deprecatedSource);
  const series = recordOf(event.series);
  const eventNamespace = textOf(metadata['namespace']);
  const name = textOf(metadata['name']);
  // An event without a uid is rare and hand-made; its name is what identifies it then.
  const uid = textOf(metadata['uid']) || `${eventNamespace}/${name}`;
  const resourceVersion = textOf(metadata['resourceVersion']) || '0';
  const seenAt = instant(message.seenAt);
  const last =
    instant(series['lastObservedTime']) ??
    instant(event.lastTimestamp) ??
    instant(event.deprecatedLastTimestamp) ??
    instant(event.eventTime) ??
    instant(event.firstTimestamp) ??
    instant(event.deprecatedFirstTimestamp) ??
    instant(metadata['creationTimestamp']) ??
    seenAt ??
    new Date(0).toISOString();
  const first =
    instant(event.firstTimestamp) ??
    instant(event.deprecatedFirstTimestamp) ??
    instant(event.eventTime) ??
    instant(metadata['creationTimestamp']) ??
    last;
  const object = {
    apiVersion: textOf(involved['apiVersion']),
    kind: textOf(involved['kind']),
    namespace: textOf(involved['namespace']),
    name: textOf(involved['name']),
    uid: textOf(involved['uid']),
    fieldPath: textOf(involved['fieldPath']),
    labels: textsOf(involved['labels']),
    annotations: textsOf(involved['annotations']),
  };
  const told = {
    reason: textOf(event.reason),
    message: textOf(event.message) || textOf(event.note),
    action: textOf(event.action),
    count: eventCount(event),
    previousCount: previousCount(message),
    firstSeen: first,
    lastSeen: last,
  };
  const type = textOf(event.type);
  return {
    id: `${cluster}/${uid}/${resourceVersion}`,
    cluster,
    uid,
    name,
    eventNamespace,
    resourceVersion,
    type,
    severity: severityOf({ type, ...told, object }),
    ...told,
    seenAt: seenAt ?? last,
    change,
    object,
    source: {
      component: textOf(source['component']) || textOf(event.reportingComponent) || textOf(event.reportingController),
      host: textOf(source['host']),
    },
    raw: event,
  };
}

/** Occurrences of an event: the larger of `count` and `series.count`, at least 1. */
export function eventCount(event: KubeEvent): number {
  return Math.max(
    wholeNumber(event.count),
    wholeNumber(event.deprecatedCount),
    wholeNumber(recordOf(event.series)['count']),
    1,
  );
}

/**
 * What was seen before, or the least that it can have been: a milestone that was possibly jumped counts as news, because a
 * repeat too many is better than an alert too few. What is modified has happened before.
 */
function previousCount({ previousCount: known, change }: EventMessage): number {
  if (isCount(known)) return Math.floor(known);
  return change === 'modified' ? 1 : 0;
}

// Times outside this range are Go's zero time, clock faults or garbage, and would break stores with a smaller range.
const EARLIEST = Date.UTC(1980, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

function instant(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined;
  const time = Date.parse(value);
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : undefined;
}

function wholeNumber(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.floor(value) : 0;
}
