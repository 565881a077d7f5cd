import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { clusterEvent, isKubeEvent, type ClusterEvent } from '../contract/event.ts';
import { MessageError } from '../contract/message.ts';
import { rejected, retry, type Fate } from '../contract/outcome.ts';
import type { Sink } from '../contract/sink.ts';
import { isHeldBySilences, type Destination } from '../destinations/destination.ts';
import { createHttp } from '../kit/http.ts';
import type { Ended, Postponed } from './account.ts';
import { admit, findDestination, type End } from './admission.ts';
import { createClients, type Clients } from './clients.ts';
import type { Deadline } from './deadline.ts';
import { deliverGroup } from './deliver.ts';
import { positive, required } from './environment.ts';
import { createFunction, type InvocationContext, type Surroundings, type Tools } from './function.ts';
import { createPace, type Pace } from './pace.ts';
import { createRecent, type Recent } from './recent.ts';
import { isRead, openRecord, type Item, type ReadItem } from './record.ts';
import type { GivenContext } from './send.ts';
import { createSettlement } from './settlement.ts';
import { takeTurns } from './turns.ts';

/** `{"test": ...}` as the payload of an invocation delivers one event, whatever the filter, and touches no queue. */
export interface TestInvocation {
  readonly test: { readonly destination: string; readonly event: unknown; readonly cluster?: string };
}

export interface SinkHandler {
  (event: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse>;
  (event: TestInvocation, context: InvocationContext): Promise<Fate>;
}

/**
 * The one handler of all sinks: parses, groups by destination, filters again, renders, sends, and gives every record of the
 * batch exactly one end: delivered, filtered, dead-lettered, or on the queue anew for a later attempt.
 *
 * Environment: that of every function, `QUEUE_URL`, `MAX_RECEIVES` (8), `RETRY_BASE_SECONDS` (30). It rejects only if that
 * is wrong, or if the destinations cannot be read and none are known: then everything is retried.
 */
export function createHandler<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  surroundings: Surroundings = {},
): SinkHandler {
  const { config } = sink;
  const invoke = createFunction(
    {
      name: config.type,
      only: config.type,
      withSilences: isHeldBySilences(config),
      configOf: async (type) => (type === config.type ? config : undefined),
      assemble: (tools: Tools<Options, Secrets>) => assemble(sink, tools),
    },
    surroundings,
  );

  async function handler(event: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse>;
  async function handler(event: TestInvocation, context: InvocationContext): Promise<Fate>;
  async function handler(
    event: SQSEvent | TestInvocation,
    context: InvocationContext,
  ): Promise<SQSBatchResponse | Fate> {
    if ('test' in event) return invoke(context, (parts, deadline) => deliverTest(parts, event.test, deadline));
    return invoke(context, (parts, deadline) => deliverBatch(parts, event.Records, deadline));
  }
  return handler;
}

/** What a sink's function works with over all its invocations. */
interface Parts<Options, Secrets, Payload, Client> extends Tools<Options, Secrets> {
  readonly sink: Sink<Options, Secrets, Payload, Client>;
  readonly queueUrl: string;
  readonly baseSeconds: number;
  readonly clients: Clients<Options, Secrets, Client>;
  readonly recent: Recent;
  readonly settle: ReturnType<typeof createSettlement>;
}

function assemble<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  tools: Tools<Options, Secrets>,
): Parts<Options, Secrets, Payload, Client> {
  const { env, log } = tools;
  const queueUrl = required(env, 'QUEUE_URL');
  const baseSeconds = positive(env, 'RETRY_BASE_SECONDS', 30);
  return {
    ...tools,
    sink,
    queueUrl,
    baseSeconds,
    clients: createClients(sink, (destination, error) =>
      log.info('a client did not close cleanly', {
        destination,
        error: error instanceof Error ? error.name : 'unknown',
      }),
    ),
    recent: createRecent(sink.config.alike, tools.now),
    settle: createSettlement({
      ...tools,
      type: sink.config.type,
      queueUrl,
      maxEvents: sink.config.runtime?.envelopeEvents,
      maxReceives: positive(env, 'MAX_RECEIVES', 8),
      baseSeconds,
    }),
  };
}

/** What lasts as long as one invocation. */
interface Invocation {
  readonly deadline: Deadline;
  readonly pace: Pace;
}

async function deliverBatch<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  records: readonly SQSRecord[],
  deadline: Deadline,
): Promise<SQSBatchResponse> {
  const { destinations, queues, queueUrl, baseSeconds, now, sleep } = parts;
  const startedAt = now().getTime();
  const pace = createPace();
  await destinations.load({ signal: deadline.work });
  const work = (turn: readonly SQSRecord[], share: Deadline) => deliverRecords(parts, turn, { deadline: share, pace });
  const rest = async (): Promise<void> => {
    const ms = pace.restMs(now().getTime() - startedAt);
    if (ms > 0) await sleep(ms, deadline.work);
  };
  const failed = await takeTurns(records, { queues, queueUrl, baseSeconds, now, deadline, work, rest });
  await rest();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Gives some records their attempt and settles them. Resolves to the message ids of those that come again. */
async function deliverRecords<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  records: readonly SQSRecord[],
  invocation: Invocation,
): Promise<readonly string[]> {
  const items = records.flatMap((record) => openRecord(record, parts.sink.config.type));
  const now = parts.now().getTime();
  const isEarly = (item: Item): boolean => isRead(item) && item.past.notBefore > now;
  const early = items.filter(isEarly).map((item): Ended => ({ item, end: postponed(item.past.notBefore, item) }));
  const due = items.filter((item) => !isEarly(item));
  const groups = Map.groupBy(due, (item) => item.destination);
  const ends = await Promise.all([...groups].map(([id, group]) => endGroup(parts, id, group, invocation)));
  return parts.settle([...early, ...ends.flat()], invocation.deadline.settling);
}

function postponed(until: number, { past: { isHeld } }: Item): Postponed {
  return { status: 'postponed', until, isHeld };
}

/** How all items for one destination end. Never rejects. */
async function endGroup<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  id: string,
  items: readonly Item[],
  invocation: Invocation,
): Promise<readonly Ended[]> {
  const read = items.filter(isRead);
  const ends = read.length === 0 ? new Map<ClusterEvent, End>() : await endEvents(parts, id, read, invocation);
  return items.map((item) => ({ item, end: endOf(item, ends) }));
}

async function endEvents<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  id: string,
  items: readonly ReadItem[],
  invocation: Invocation,
): Promise<ReadonlyMap<ClusterEvent, Ended['end']>> {
  const events = items.map(({ content }) => content);
  const destination = await findDestination(parts.destinations, id, invocation.deadline.work);
  if ('status' in destination) return new Map(events.map((event) => [event, destination]));
  const { passing, ends } = admit(destination, events, parts.destinations.silence);
  const held = hold(parts.recent, destination, passing, items);
  const going = passing.filter((event) => !held.has(event));
  const fates = await deliver(parts, destination, going, invocation);
  parts.recent.sent(
    destination,
    going.filter((event) => fates.get(event)?.status === 'delivered'),
  );
  return new Map<ClusterEvent, Ended['end']>([...ends, ...held, ...fates]);
}

/** The events that wait for their like. Each does so once, so that none waits for long. */
function hold(
  recent: Recent,
  destination: Destination<unknown, unknown>,
  passing: readonly ClusterEvent[],
  items: readonly ReadItem[],
): ReadonlyMap<ClusterEvent, Postponed> {
  const past = new Map(items.map(({ content, past: { isHeld } }) => [content, isHeld]));
  return new Map(
    passing.flatMap((event) => {
      const until = past.get(event) === true ? undefined : recent.heldUntil(destination, event);
      return until === undefined ? [] : [[event, { status: 'postponed', until, isHeld: true }]];
    }),
  );
}

function endOf({ content }: Item, ends: ReadonlyMap<ClusterEvent, Ended['end']>): Ended['end'] {
  if (content instanceof MessageError) return rejected('event', content.code, content.message);
  return ends.get(content) ?? lost;
}

/** A bug of ours, should it ever be seen: unknown means failed. */
const lost = retry('unknown_outcome', 'the event got no outcome');

async function deliver<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  destination: Destination<Options, Secrets>,
  events: readonly ClusterEvent[],
  { deadline, pace }: Invocation,
): Promise<ReadonlyMap<ClusterEvent, Fate>> {
  const { sink, clients, destinations } = parts;
  return deliverGroup(destination, events, {
    sink,
    clients,
    contextOf: (current) => contextOf(parts, current, deadline.work),
    async reload(id) {
      const entry = (await destinations.load({ signal: deadline.work, fresh: true })).get(id);
      return entry?.state === 'ready' ? entry.destination : undefined;
    },
    onSend({ options, secrets }) {
      const robot = secrets === undefined ? undefined : sink.pace?.(options, secrets);
      if (robot) pace.count(robot);
    },
  });
}

function contextOf<Options, Secrets>(
  { now, output, aws }: Tools<Options, Secrets>,
  { id, options, secrets }: Destination<Options, Secrets>,
  signal: AbortSignal,
): GivenContext<Options, Secrets> {
  if (secrets === undefined) throw new Error(`the secrets of ${id} were not read`);
  return { options, secrets, signal, now, http: createHttp(signal), log: output.stdout, aws };
}

async function deliverTest<Options, Secrets, Payload, Client>(
  parts: Parts<Options, Secrets, Payload, Client>,
  { destination: id, event, cluster = 'test' }: TestInvocation['test'],
  deadline: Deadline,
): Promise<Fate> {
  if (!isKubeEvent(event))
    return rejected('event', 'invalid_message', 'test.event is not an Event with a metadata.uid or metadata.name');
  const seenAt = parts.now().toISOString();
  const sample = clusterEvent({ cluster, seenAt, change: 'added', event });
  const destination = await findDestination(parts.destinations, id, deadline.work);
  if ('status' in destination) return destination;
  const fates = await deliver(parts, destination, [sample], { deadline, pace: createPace() });
  return fates.get(sample) ?? lost;
}
