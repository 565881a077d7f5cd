import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { SinkConfig } from '../core/contract/config.ts';
import {
  clusterEvent,
  MessageError,
  parseMessage,
  writeMessage,
  type EventMessage,
  type GapMessage,
  type HeartbeatMessage,
  type Message,
} from '../core/contract/event.ts';
import { isRecord, textsOf } from '../core/contract/untrusted.ts';
import type { DestinationSet } from '../core/destinations/destinations.ts';
import type { Deadline } from '../core/runtime/deadline.ts';
import { required } from '../core/runtime/environment.ts';
import { createFunction, type InvocationContext, type Surroundings, type Tools } from '../core/runtime/function.ts';
import { attemptsOf } from '../core/runtime/attempts.ts';
import { createLetter } from '../core/runtime/letter.ts';
import type { Outgoing } from '../core/runtime/queue.ts';
import { readPast } from '../core/runtime/past.ts';
import { takeTurns } from '../core/runtime/turns.ts';
import { routeToAll, routeToOne } from './routes.ts';

/** The dimensions of what the router counts for no destination in particular. */
const ROUTER = { Sink: 'router', Destination: 'none' } as const;

/** How long a suspect stays hidden, at the least, while others come again. */
const BASE_SECONDS = 30;

export type RouterHandler = (event: SQSEvent, context: InvocationContext) => Promise<SQSBatchResponse>;

/**
 * The router: copies each event of the ingest queue to the queue of every destination whose filter it passes, one message
 * per event and destination. A record is done when SQS has accepted every one of its copies; else it comes back whole.
 *
 * Environment: that of every function, and `SINK_QUEUES` (JSON, sink type to queue URL, or to its name). Rejects only if that is wrong, or
 * if the destinations cannot be read and none are known: an unreadable store never means "no destinations".
 *
 * @param configOf the config of a sink type, undefined if this build has no such sink. Rejects if it has one that is broken.
 */
export function createRouter(
  configOf: (type: string) => Promise<SinkConfig | undefined>,
  surroundings: Surroundings = {},
): RouterHandler {
  const invoke = createFunction({ name: 'router', configOf, assemble }, surroundings);
  return (event, context) => invoke(context, (router, deadline) => route(router, event.Records, deadline));
}

interface Router extends Tools {
  /** Sink type to queue URL. */
  readonly sinkQueues: ReadonlyMap<string, string>;
}

function assemble(tools: Tools): Router {
  return { ...tools, sinkQueues: parseSinkQueues(required(tools.env, 'SINK_QUEUES'), tools.letterQueueUrl) };
}

/** A message on its way out, and the record that waits for it. */
interface Copy {
  readonly record: SQSRecord;
  readonly queueUrl: string;
  readonly message: Outgoing;
}

async function route(router: Router, records: readonly SQSRecord[], deadline: Deadline): Promise<SQSBatchResponse> {
  const { destinations, queues } = router;
  const set = await destinations.load({ signal: deadline.work });
  const failed = await takeTurns(records, {
    queues,
    queueUrl: queueOf(records, router),
    baseSeconds: BASE_SECONDS,
    deadline,
    work: (turn) => routeRecords(router, turn, set, deadline),
  });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Resolves to the message ids of the records that come again, because not all of their copies were accepted. */
async function routeRecords(
  router: Router,
  records: readonly SQSRecord[],
  set: DestinationSet,
  deadline: Deadline,
): Promise<readonly string[]> {
  const copies = records.flatMap((record) => copiesOf(router, record, set));
  const refused = await sendAll(router, copies, deadline.settling);
  return [...new Set(refused.map(({ record }) => record.messageId))];
}

/** The ingest queue: its name stands in its records, and it is beside its dead letters. */
function queueOf([first]: readonly SQSRecord[], { letterQueueUrl }: Router): string {
  return beside(letterQueueUrl, first?.eventSourceARN.split(':').at(-1) ?? '');
}

function beside(queueUrl: string, name: string): string {
  return queueUrl.slice(0, queueUrl.lastIndexOf('/') + 1) + name;
}

/** Sends all copies, the queues at once. The copies that SQS did not accept. */
async function sendAll(
  { queues, metrics, letterQueueUrl }: Router,
  copies: readonly Copy[],
  signal: AbortSignal,
): Promise<readonly Copy[]> {
  const refused = await Promise.all(
    [...Map.groupBy(copies, (copy) => copy.queueUrl)].map(async ([queueUrl, group]) => {
      const accepted = await queues.send(
        queueUrl,
        group.map(({ message }) => message),
        signal,
      );
      const written = accepted.filter(Boolean).length;
      if (queueUrl === letterQueueUrl && written > 0) metrics.add('Rejected', written, ROUTER);
      return group.filter((_, index) => !accepted[index]);
    }),
  );
  return refused.flat();
}

/** The messages that a record becomes. None: it is done. */
function copiesOf(router: Router, record: SQSRecord, set: DestinationSet): readonly Copy[] {
  const message = read(record);
  if (message instanceof MessageError) return [letter(router, record, message.code, message.message)];
  switch (message.kind) {
    case 'heartbeat':
      countHeartbeat(router, message);
      return [];
    case 'gap':
      reportGap(router, message);
      return [];
    case 'event':
      return copiesOfEvent(router, record, message, set);
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

function countHeartbeat({ metrics }: Router, { cluster, seenAt, relay }: HeartbeatMessage): void {
  const { version, installation } = relay;
  metrics.add('Heartbeats', 1, { Cluster: cluster }, { relay: version, installation, seenAt });
}

function reportGap({ metrics, log }: Router, { cluster, cause, from, to }: GapMessage): void {
  metrics.add('Gaps', 1, { Cluster: cluster }, { cause });
  log.error('events may have been missed', { cluster, cause, from, to });
}

function copiesOfEvent(router: Router, record: SQSRecord, message: EventMessage, set: DestinationSet): readonly Copy[] {
  const { metrics } = router;
  metrics.add('Received', 1, ROUTER);
  const event = clusterEvent(message);
  const { destination } = message;
  const found = destination === undefined ? routeToAll(event, set) : routeToOne(event, destination, set);
  if ('missing' in found) {
    return [letter(router, record, 'destination_not_found', `there is no parameter destinations/${found.missing}`)];
  }
  if ('filtered' in found) {
    metrics.add('Filtered', 1, ROUTER, { cause: found.filtered });
    return [];
  }
  return found.to.map((id) => copyFor(router, record, message, id));
}

function copyFor(router: Router, record: SQSRecord, message: EventMessage, id: string): Copy {
  const type = id.slice(0, id.indexOf('/'));
  const queueUrl = router.sinkQueues.get(type);
  const body = writeMessage({ ...message, destination: id });
  if (queueUrl === undefined) {
    const detail = `${id} wants this event, but the stack has no sink ${type}: enable it and replay, or remove the destination`;
    return letter(router, { ...record, body }, 'sink_not_deployed', detail);
  }
  const { replays } = readPast(record);
  return {
    record,
    queueUrl,
    message: { body, groupId: id, ...(replays === undefined ? {} : { attributes: { replays } }) },
  };
}

function letter({ log, letterQueueUrl, now }: Router, record: SQSRecord, code: string, detail: string): Copy {
  log.warn('a message became a dead letter', { messageId: record.messageId, code, detail });
  const past = readPast(record);
  const reason = { code, detail, destination: 'router', attempts: attemptsOf(past) };
  const message = createLetter({ body: record.body, replays: past.replays }, reason, now());
  return { record, queueUrl: letterQueueUrl, message };
}

/**
 * A queue may be given by its name alone, if it is beside the router's dead letters: Lambda allows 4 KB of environment.
 * @throws {Error} if it is no JSON object.
 */
function parseSinkQueues(text: string, letterQueueUrl: string): ReadonlyMap<string, string> {
  const queues = parseJson(text);
  if (!isRecord(queues)) throw new Error('environment variable SINK_QUEUES is not a JSON object of queue URLs');
  const urls = Object.entries(textsOf(queues)).map(
    ([type, queue]) => [type, queue.includes('/') ? queue : beside(letterQueueUrl, queue)] as const,
  );
  return new Map(urls);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
