import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { SinkConfig } from '../core/contract/config.ts';
import { pack } from '../core/contract/envelope.ts';
import { isRecord, textsOf } from '../core/contract/untrusted.ts';
import type { DestinationSet } from '../core/destinations/destinations.ts';
import { attemptsOf } from '../core/runtime/attempts.ts';
import type { Deadline } from '../core/runtime/deadline.ts';
import { required } from '../core/runtime/environment.ts';
import { createFunction, type InvocationContext, type Surroundings, type Tools } from '../core/runtime/function.ts';
import { createLetter } from '../core/runtime/letter.ts';
import { readPast } from '../core/runtime/past.ts';
import type { Outgoing } from '../core/runtime/queue.ts';
import { takeTurns } from '../core/runtime/turns.ts';
import { copiesOf, ROUTER, type EventCopy, type LetterCopy } from './copies.ts';

/** How long a suspect stays hidden, at the least, while others come again. */
const BASE_SECONDS = 30;

export type RouterHandler = (event: SQSEvent, context: InvocationContext) => Promise<SQSBatchResponse>;

type ConfigOf = (type: string) => Promise<SinkConfig | undefined>;

/**
 * The router: copies each event of the ingest queue to the queue of every destination whose filter it passes, in one envelope
 * for each destination and batch as far as they fit. A record is done when SQS has accepted all copies of all its events; else
 * it comes back whole.
 *
 * Environment: that of every function, and `SINK_QUEUES` (JSON, sink type to queue URL, or to its name). Rejects only if that is wrong, or
 * if the destinations cannot be read and none are known: an unreadable store never means "no destinations".
 *
 * @param configOf the config of a sink type, undefined if this build has no such sink. Rejects if it has one that is broken.
 */
export function createRouter(configOf: ConfigOf, surroundings: Surroundings = {}): RouterHandler {
  const assemble = (tools: Tools): Router => ({ ...tools, configOf, sinkQueues: parseSinkQueues(tools) });
  const invoke = createFunction({ name: 'router', configOf, withSilences: true, assemble }, surroundings);
  return (event, context) => invoke(context, (router, deadline) => route(router, event.Records, deadline));
}

interface Router extends Tools {
  readonly configOf: ConfigOf;
  /** Sink type to queue URL. */
  readonly sinkQueues: ReadonlyMap<string, string>;
}

async function route(router: Router, records: readonly SQSRecord[], deadline: Deadline): Promise<SQSBatchResponse> {
  const { destinations, queues, now } = router;
  const set = await destinations.load({ signal: deadline.work });
  const failed = await takeTurns(records, {
    queues,
    queueUrl: queueOf(records, router),
    baseSeconds: BASE_SECONDS,
    now,
    deadline,
    work: (turn, share) => routeRecords(router, turn, set, share),
  });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** The ingest queue: its name stands in its records, and it is beside its dead letters. */
function queueOf([first]: readonly SQSRecord[], { letterQueueUrl }: Router): string {
  return beside(letterQueueUrl, first?.eventSourceARN.split(':').at(-1) ?? '');
}

/** A message on its way out, and the records that wait for it. */
interface Post {
  readonly queueUrl: string;
  readonly message: Outgoing;
  readonly records: readonly SQSRecord[];
}

/** Resolves to the message ids of the records that come again, because not all copies of all their events were accepted. */
async function routeRecords(
  router: Router,
  records: readonly SQSRecord[],
  set: DestinationSet,
  deadline: Deadline,
): Promise<readonly string[]> {
  const { destinations, sinkQueues } = router;
  const isDeployed = (type: string): boolean => sinkQueues.has(type);
  const copies = records.flatMap((record) =>
    copiesOf(record, { ...router, set, silenceOf: destinations.silence, isDeployed }),
  );
  const events = copies.filter((copy) => 'item' in copy);
  const letters = copies.filter((copy) => 'code' in copy);
  const posts = [...(await envelopes(router, events)), ...letters.map((copy) => letterPost(router, copy))];
  const refused = await sendAll(router, posts, deadline.settling);
  return [...new Set(refused.flatMap((post) => post.records.map(({ messageId }) => messageId)))];
}

/** One message for each destination, or more where they are too many or too long for one. */
async function envelopes(router: Router, copies: readonly EventCopy[]): Promise<readonly Post[]> {
  const groups = Map.groupBy(copies, ({ destination, cluster, replays }) =>
    JSON.stringify([destination, cluster, replays]),
  );
  const posts = [...groups.values()].map(async (group): Promise<readonly Post[]> => {
    const [first] = group;
    if (!first) return [];
    const { destination, cluster, replays } = first;
    const type = destination.slice(0, destination.indexOf('/'));
    const queueUrl = router.sinkQueues.get(type) ?? '';
    const attributes = replays === undefined ? {} : { attributes: { replays } };
    const packed = pack({ cluster, destination }, group, await maxEvents(router, type));
    return packed.map(({ body, events }) => ({
      queueUrl,
      message: { body, groupId: destination, ...attributes },
      records: events.map(({ record }) => record),
    }));
  });
  return (await Promise.all(posts)).flat();
}

/** A sink whose config is broken is told of elsewhere. */
async function maxEvents({ configOf }: Router, type: string): Promise<number | undefined> {
  const config = await configOf(type).catch(() => undefined);
  return config?.runtime?.envelopeEvents;
}

function letterPost({ log, letterQueueUrl, now }: Router, { record, body, code, detail }: LetterCopy): Post {
  log.warn('a message became a dead letter', { messageId: record.messageId, code, detail });
  const past = readPast(record);
  const reason = { code, detail, destination: 'router', attempts: attemptsOf(past) };
  return {
    queueUrl: letterQueueUrl,
    message: createLetter({ body, replays: past.replays }, reason, now()),
    records: [record],
  };
}

/** Sends all messages, the queues at once. Those that SQS did not accept. */
async function sendAll(
  { queues, metrics, letterQueueUrl }: Router,
  posts: readonly Post[],
  signal: AbortSignal,
): Promise<readonly Post[]> {
  const refused = await Promise.all(
    [...Map.groupBy(posts, (post) => post.queueUrl)].map(async ([queueUrl, group]) => {
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

/**
 * A queue may be given by its name alone, if it is beside the router's dead letters: Lambda allows 4 KB of environment.
 * @throws {Error} if it is no JSON object.
 */
function parseSinkQueues({ env, letterQueueUrl }: Tools): ReadonlyMap<string, string> {
  const queues = parseJson(required(env, 'SINK_QUEUES'));
  if (!isRecord(queues)) throw new Error('environment variable SINK_QUEUES is not a JSON object of queue URLs');
  const urls = Object.entries(textsOf(queues)).map(
    ([type, queue]) => [type, queue.includes('/') ? queue : beside(letterQueueUrl, queue)] as const,
  );
  return new Map(urls);
}

function beside(queueUrl: string, name: string): string {
  return queueUrl.slice(0, queueUrl.lastIndexOf('/') + 1) + name;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
