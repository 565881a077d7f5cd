import type { SQSRecord } from 'aws-lambda';
import { itemOf, openMessage, type Opened } from '../core/contract/envelope.ts';
import { clusterEvent } from '../core/contract/event.ts';
import {
  MessageError,
  writeMessage,
  type EventMessage,
  type GapMessage,
  type HeartbeatMessage,
} from '../core/contract/message.ts';
import { textOf } from '../core/contract/untrusted.ts';
import type { Destinations, DestinationSet } from '../core/destinations/destinations.ts';
import type { Tools } from '../core/runtime/function.ts';
import { readPast } from '../core/runtime/past.ts';
import { routeToAll, routeToOne } from './routes.ts';

/** Where the router counts. */
export const ROUTER = { Sink: 'router' } as const;

/** What a record's fate depends on: an event on its way to one destination, or a letter. */
export type Copy = EventCopy | LetterCopy;

export interface EventCopy {
  readonly record: SQSRecord;
  readonly destination: string;
  readonly cluster: string;
  readonly replays: string | undefined;
  /** The event as an item of an envelope. */
  readonly item: string;
}

export interface LetterCopy {
  readonly record: SQSRecord;
  /** The body of a single message. */
  readonly body: string;
  readonly code: string;
  readonly detail: string;
}

export interface Routing extends Pick<Tools, 'log' | 'metrics'> {
  /** The destinations there are. */
  readonly set: DestinationSet;
  /** The silence that holds an event now. */
  readonly silenceOf: Destinations['silence'];
  /** Whether the stack has the sink of a type. */
  readonly isDeployed: (type: string) => boolean;
}

/** What a record becomes. Nothing: it is done. */
export function copiesOf(record: SQSRecord, routing: Routing): readonly Copy[] {
  const opened = open(record);
  if (opened instanceof MessageError) return [letter(record, record.body, opened)];
  switch (opened.kind) {
    case 'heartbeat':
      countHeartbeat(opened, record, routing);
      return [];
    case 'gap':
      reportGap(opened, routing);
      return [];
    case 'events':
      return [
        ...opened.events.flatMap((message) => copiesOfEvent(record, message, routing)),
        ...opened.bad.map(({ body, error }) => letter(record, body, error)),
      ];
  }
}

function open(record: SQSRecord): Opened | MessageError {
  try {
    return openMessage(record.body);
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
}

function letter(record: SQSRecord, body: string, { code, message }: MessageError): LetterCopy {
  return { record, body, code, detail: message };
}

/** With the relay's own time and that of SQS, which show whether its clock is right, however long the message waited. */
function countHeartbeat(message: HeartbeatMessage, { attributes }: SQSRecord, { metrics }: Routing): void {
  const { cluster, seenAt, relay } = message;
  const { version, installation } = relay;
  const sentAt = new Date(Number(attributes.SentTimestamp)).toISOString();
  const enrich = textOf(relay['enrich']);
  metrics.add('Heartbeats', 1, { Cluster: cluster }, { relay: version, installation, enrich, seenAt, sentAt });
}

function reportGap({ cluster, cause, from, to }: GapMessage, { metrics, log }: Routing): void {
  metrics.add('Gaps', 1, { Cluster: cluster }, { cause });
  log.error('events may have been missed', { cluster, cause, from, to });
}

function copiesOfEvent(record: SQSRecord, message: EventMessage, routing: Routing): readonly Copy[] {
  const { metrics, set, silenceOf, isDeployed } = routing;
  metrics.add('Received', 1, ROUTER);
  const event = clusterEvent(message);
  const { destination } = message;
  const found =
    destination === undefined ? routeToAll(event, set, silenceOf) : routeToOne(event, destination, set, silenceOf);
  if ('missing' in found) {
    const detail = `there is no parameter destinations/${found.missing}`;
    return [{ record, body: writeMessage(message), code: 'destination_not_found', detail }];
  }
  if ('filtered' in found) {
    metrics.add('Filtered', 1, ROUTER, { cause: found.filtered });
    return [];
  }
  for (const silence of found.held) metrics.add('Filtered', 1, ROUTER, { cause: 'silenced', silence });
  const item = itemOf(message);
  const { replays } = readPast(record);
  return found.to.map((id): Copy => {
    const type = id.slice(0, id.indexOf('/'));
    if (isDeployed(type)) return { record, destination: id, cluster: message.cluster, replays, item };
    const detail = `${id} wants this event, but the stack has no sink ${type}: enable it and replay, or remove the destination`;
    return { record, body: writeMessage({ ...message, destination: id }), code: 'sink_not_deployed', detail };
  });
}
