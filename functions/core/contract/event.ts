/** The event contract: an Event as a relay saw it, and the one shape that everything after it reads. */
import type { ContextOwner, EventContext } from './context.ts';
import { ownerByName } from './owner.ts';
import { severityOf, type Severity } from './severity.ts';
import { isRecord, recordOf, textOf, textsOf } from './untrusted.ts';

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

/** An event as the relay saw it. */
export interface SeenEvent {
  /** The relay's CLUSTER_NAME. */
  readonly cluster: string;
  /** When the relay saw it, RFC 3339 UTC. */
  readonly seenAt: string;
  readonly change: Change;
  /** The count the relay saw before for this uid, 0 if it saw none. Absent where it does not know, as after a restart. */
  readonly previousCount?: number;
  /** What is known of the object that the event is about, besides what the event says. */
  readonly context?: EventContext;
  /** The Event without `metadata.managedFields`. */
  readonly event: KubeEvent;
  /** Names of fields the relay shortened to keep the body below 256 KiB, dotted (`message`). */
  readonly shortened?: readonly string[];
}

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
    /** Empty where the relay has not looked them up. */
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** The topmost controller of the object; undefined where it has none, or none is known. */
  readonly owner?: ContextOwner;
  /** The node that the object is on, or is; `""` where it is not known. */
  readonly node: string;
  /** Of the object's namespace; empty where the relay has not looked them up. */
  readonly namespace: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly source: { readonly component: string; readonly host: string };
  /** The Event as the API gave it. */
  readonly raw: KubeEvent;
}

/** Whether a value can be a count. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Whether a value is an Event that can be identified: an object with a `metadata.uid` or `metadata.name`. */
export function isKubeEvent(value: unknown): value is KubeEvent {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { uid, name } = value['metadata'];
  return textOf(uid) !== '' || textOf(name) !== '';
}

/**
 * The view of an event that filters, templates and sinks share. Never throws: a field of the wrong type counts as
 * missing, a timestamp that is missing or absurd falls back to the next best one.
 */
export function clusterEvent(seen: SeenEvent): ClusterEvent {
  const { event, cluster, change, context } = seen;
  const metadata = recordOf(event.metadata);
  const involved = recordOf(event.involvedObject ?? event.regarding);
  const source = recordOf(event.source ?? event.deprecatedSource);
  const series = recordOf(event.series);
  const eventNamespace = textOf(metadata['namespace']);
  const name = textOf(metadata['name']);
  // An event without a uid is rare and hand-made; its name is what identifies it then.
  const uid = textOf(metadata['uid']) || `${eventNamespace}/${name}`;
  const resourceVersion = textOf(metadata['resourceVersion']) || '0';
  const seenAt = instant(seen.seenAt);
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
    labels: context?.labels ?? textsOf(involved['labels']),
    annotations: context?.annotations ?? textsOf(involved['annotations']),
  };
  const owner = context ? context.owner : guessedOwner(object);
  const told = {
    reason: textOf(event.reason),
    message: textOf(event.message) || textOf(event.note),
    action: textOf(event.action),
    count: eventCount(event),
    previousCount: previousCount(seen),
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
    ...(owner && { owner }),
    node: context?.node ?? '',
    namespace: {
      labels: context?.namespaceLabels ?? {},
      annotations: context?.namespaceAnnotations ?? {},
    },
    source: {
      component: textOf(source['component']) || textOf(event.reportingComponent) || textOf(event.reportingController),
      host: textOf(source['host']),
    },
    raw: event,
  };
}

/** What the name says, where no relay has said anything of the object. */
function guessedOwner(object: ClusterEvent['object']): ContextOwner | undefined {
  const owner = ownerByName(object);
  return owner && { ...owner, guessed: true };
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
function previousCount({ previousCount: known, change }: SeenEvent): number {
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
