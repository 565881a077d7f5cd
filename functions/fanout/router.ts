import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { SinkConfig } from '../core/contract/config.ts';
import { createDestinations, type ConfigError, type DestinationSet } from '../core/destinations/destinations.ts';
import {
  clusterEvent,
  MessageError,
  parseMessage,
  writeMessage,
  type EventMessage,
  type Message,
} from '../core/contract/event.ts';
import { required, type Surroundings } from '../core/runtime/handler.ts';
import { createLetter, printable } from '../core/runtime/letter.ts';
import { createLog, processOutput } from '../core/runtime/log.ts';
import { createMetrics } from '../core/runtime/metrics.ts';
import { createQueues, createSqsClient, type Outgoing } from '../core/runtime/queue.ts';
import { receiveCount } from '../core/runtime/record.ts';
import { openSource } from '../core/destinations/source.ts';

/** The dimensions of what the router counts for no destination in particular. */
const ROUTER = { Sink: 'router', Destination: 'none' } as const;

export type RouterHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/**
 * The router: copies each event of the ingest queue to the queue of every destination whose filter it passes, one message
 * per event and destination. A record is done when SQS has accepted every one of its copies; else it comes back whole.
 *
 * Environment: `DESTINATIONS`, `SINK_QUEUES` (JSON, sink type to queue URL), `DEAD_LETTER_QUEUE_URL`. Rejects only if that
 * is wrong, or if the destinations cannot be read and none are known: an unreadable store never means "no destinations".
 *
 * @param configOf the config of a sink type, undefined if this build has no such sink.
 */
export function createRouter(
  configOf: (type: string) => Promise<SinkConfig | undefined>,
  surroundings: Surroundings = {},
): RouterHandler {
  let parts: ReturnType<typeof createParts> | undefined;
  return async function handler(event) {
    parts ??= createParts(configOf, surroundings);
    try {
      return await parts.route(event.Records);
    } finally {
      parts.metrics.flush();
    }
  };
}

/** A message on its way out, and the record that waits for it. */
interface Copy {
  readonly record: SQSRecord;
  readonly queueUrl: string;
  readonly message: Outgoing;
}

function createParts(
  configOf: (type: string) => Promise<SinkConfig | undefined>,
  { env = process.env, output = processOutput, now = () => new Date(), queueClient }: Surroundings,
) {
  const letterQueueUrl = required(env, 'DEAD_LETTER_QUEUE_URL');
  const sinkQueues = parseSinkQueues(required(env, 'SINK_QUEUES'));
  const log = createLog(output.stderr, { sink: 'router' });
  const metrics = createMetrics(output.stdout, now);
  const queues = createQueues(queueClient ?? createSqsClient(letterQueueUrl), (detail) =>
    log.warn('SQS refused a call', { detail: printable(detail) }),
  );
  const destinations = createDestinations({
    source: openSource(env['DESTINATIONS']),
    configOf,
    onError: reportConfigError,
    now: () => now().getTime(),
  });
  return { route, metrics };

  async function route(records: readonly SQSRecord[]): Promise<SQSBatchResponse> {
    const set = await destinations.load();
    const copies = records.flatMap((record) => copiesOf(record, set));
    const refused = new Set<string>();
    await Promise.all(
      [...Map.groupBy(copies, (copy) => copy.queueUrl)].map(async ([queueUrl, group]) => {
        const accepted = await queues.send(
          queueUrl,
          group.map((copy) => copy.message),
        );
        for (const [index, { record }] of group.entries()) {
          if (!accepted[index]) refused.add(record.messageId);
          else if (queueUrl === letterQueueUrl) metrics.add('Rejected', 1, ROUTER);
        }
      }),
    );
    return { batchItemFailures: [...refused].map((itemIdentifier) => ({ itemIdentifier })) };
  }

  function copiesOf(record: SQSRecord, set: DestinationSet): readonly Copy[] {
    const message = read(record);
    if (message instanceof MessageError) return [letter(record, message.code, message.message)];
    switch (message.kind) {
      case 'heartbeat':
        metrics.add('Heartbeats', 1, { Cluster: message.cluster }, relayProperties(message.relay));
        return [];
      case 'gap':
        metrics.add('Gaps', 1, { Cluster: message.cluster }, { cause: message.cause });
        log.error('events may have been missed', {
          cluster: message.cluster,
          cause: message.cause,
          from: message.from,
          to: message.to,
        });
        return [];
      case 'event':
        metrics.add('Received', 1, ROUTER);
        return copiesOfEvent(record, message, set);
    }
  }

  function copiesOfEvent(record: SQSRecord, message: EventMessage, set: DestinationSet): readonly Copy[] {
    const event = clusterEvent(message);
    const { destination } = message;
    if (destination !== undefined && !set.has(destination)) {
      return [letter(record, 'destination_not_found', `there is no parameter destinations/${destination}`)];
    }
    const passing: string[] = [];
    for (const [id, entry] of set) {
      // A letter of the router's that names a destination is replayed for that one only: the others have had theirs.
      if (destination !== undefined && destination !== id) continue;
      if (entry.state !== 'ready' || !entry.destination.enabled) continue;
      if (entry.destination.verdict(event) === 'pass') passing.push(id);
    }
    if (passing.length === 0) metrics.add('Filtered', 1, ROUTER, { cause: 'unmatched' });
    return passing.map((id) => copyFor(record, message, id));
  }

  function copyFor(record: SQSRecord, message: EventMessage, id: string): Copy {
    const type = id.slice(0, id.indexOf('/'));
    const queueUrl = sinkQueues.get(type);
    const body = writeMessage({ ...message, destination: id });
    if (queueUrl === undefined) {
      const detail = `${id} wants this event, but the stack has no sink ${type}: enable it and replay, or remove the destination`;
      return letter({ ...record, body }, 'sink_not_deployed', detail);
    }
    const replays = record.messageAttributes['replays']?.stringValue;
    return {
      record,
      queueUrl,
      message: { body, groupId: id, ...(replays === undefined ? {} : { attributes: { replays } }) },
    };
  }

  function letter(record: SQSRecord, code: string, detail: string): Copy {
    log.warn('a message became a dead letter', { message: record.messageId, code, detail });
    const replays = record.messageAttributes['replays']?.stringValue;
    const reason = { code, detail, destination: 'router', attempts: receiveCount(record) };
    return { record, queueUrl: letterQueueUrl, message: createLetter({ body: record.body, replays }, reason, now()) };
  }

  function reportConfigError({ destination = 'none', document, version, detail, inForce }: ConfigError): void {
    log.error('a destination needs repair', { destination, document, version, detail: printable(detail), inForce });
    metrics.add('ConfigErrors', 1, { Sink: 'router', Destination: destination });
  }
}

function read(record: SQSRecord): Message | MessageError {
  try {
    return parseMessage(record.body);
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
}

function relayProperties(relay: { readonly version: string; readonly installation: string }): Record<string, string> {
  return { relay: relay.version, installation: relay.installation };
}

function parseSinkQueues(text: string): ReadonlyMap<string, string> {
  const queues: unknown = JSON.parse(text);
  if (typeof queues !== 'object' || queues === null) throw new Error('SINK_QUEUES is not a JSON object of queue URLs');
  return new Map(Object.entries(queues).map(([type, url]) => [type, String(url)]));
}
