import { clusterEvent, type ClusterEvent } from '../../../functions/core/contract/event.ts';
import { MessageError, readEvent } from '../../../functions/core/contract/message.ts';
import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { logFields } from '../log-fields.ts';
import type { LogLine } from './follow.ts';

/** What a line of the functions' logs says. Times are in milliseconds since the epoch. */
export type Entry =
  /** The `log` sink wrote an event. */
  | { readonly kind: 'event'; readonly at: number; readonly event: ClusterEvent }
  /** It wrote one for people to read, of which the fields are not known. */
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  /** A function counted what it delivered and filtered. */
  | Counted
  /** A function said something, of an event that failed for the most part. */
  | Said;

export interface Counted {
  readonly kind: 'counted';
  readonly at: number;
  /** A sink type, `router`, or `<type>/<name>` where the stack counts by destination. */
  readonly place: string;
  readonly delivered: number;
  readonly filtered: number;
  /** Why they were filtered. */
  readonly cause?: string;
  /** From the event's last occurrence to its delivery, the slowest one's. */
  readonly slowestMs?: number;
}

export interface Said {
  readonly kind: 'said';
  readonly at: number;
  readonly level: string;
  readonly message: string;
  /** `<type>/<name>`, or what said it. */
  readonly place: string;
  /** The id of the event that it is about. */
  readonly event?: string;
  /** Whatever else it said. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line; undefined where it says nothing of events and deliveries. */
export function readEntry({ at, text }: LogLine): Entry | undefined {
  const fields = logFields(text);
  if (fields === undefined) {
    // What the sink writes for people begins with the time of the event; the rest is Lambda's own.
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z \S/.test(text) ? { kind: 'text', at, text: text.trimEnd() } : undefined;
  }
  if (isRecord(fields['_aws'])) return readCounted(fields, at);
  if (fields['type'] === 'platform.report') return readReport(fields, at);
  // What crashed a function, Lambda writes as an object.
  const said = textOf(fields['message']) || textOf(recordOf(fields['message'])['errorMessage']);
  if (typeof fields['level'] === 'string' && said !== '') return readSaid(fields, said, at);
  const event = readLogged(fields);
  return event && { kind: 'event', at, event };
}

function readCounted(fields: Readonly<Record<string, unknown>>, at: number): Counted | undefined {
  const number = (name: string): number => Number(fields[name]) || 0;
  const [delivered, filtered] = [number('Delivered'), number('Filtered')];
  if (delivered + filtered === 0) return undefined;
  const latency = fields['DeliveryLatency'];
  const slowest = Math.max(...(Array.isArray(latency) ? listOf(latency) : [latency]).map(Number));
  const silence = textOf(fields['silence']);
  const cause = silence === '' ? textOf(fields['cause']) : `silence ${silence}`;
  const place = [textOf(fields['Sink']), textOf(fields['Destination'])].filter(Boolean).join('/');
  return {
    kind: 'counted',
    at,
    place,
    delivered,
    filtered,
    ...(filtered > 0 && cause !== '' && { cause }),
    ...(Number.isFinite(slowest) && { slowestMs: slowest }),
  };
}

/** Lambda's own account of an invocation: that it ended well is no news. */
function readReport(fields: Readonly<Record<string, unknown>>, at: number): Said | undefined {
  const { status, errorType, requestId } = recordOf(fields['record']);
  if (textOf(status) === '' || status === 'success') return undefined;
  const message = `an invocation ended with ${textOf(status)}`;
  return { kind: 'said', at, level: 'error', message, place: '', fields: { errorType, requestId } };
}

function readSaid(all: Readonly<Record<string, unknown>>, message: string, at: number): Said {
  const { level, time: _, timestamp: __, message: ___, sink, destination, event, ...fields } = all;
  const place = textOf(destination) || textOf(sink);
  const id = textOf(event);
  return {
    kind: 'said',
    at,
    level: textOf(level).toLowerCase(),
    message,
    place,
    ...(id !== '' && { event: id }),
    fields,
  };
}

/** The event in a line of the `log` sink: put together again, so that nothing of it has another shape than it should. */
function readLogged(view: Readonly<Record<string, unknown>>): ClusterEvent | undefined {
  const { id, cluster, object, owner, node, namespace, seenAt, change, previousCount } = view;
  if (textOf(id) === '' || textOf(cluster) === '') return undefined;
  const { labels, annotations } = recordOf(object);
  const { labels: namespaceLabels, annotations: namespaceAnnotations } = recordOf(namespace);
  const event = {
    metadata: {
      uid: view['uid'],
      name: view['name'],
      namespace: view['eventNamespace'],
      resourceVersion: view['resourceVersion'],
    },
    involvedObject: object,
    type: view['type'],
    reason: view['reason'],
    message: view['message'],
    action: view['action'],
    count: view['count'],
    firstTimestamp: view['firstSeen'],
    lastTimestamp: view['lastSeen'],
    source: view['source'],
  };
  const context = { owner, node, labels, annotations, namespaceLabels, namespaceAnnotations };
  try {
    return clusterEvent(readEvent({ seenAt, change, previousCount, context, event }, { cluster: textOf(cluster) }));
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
