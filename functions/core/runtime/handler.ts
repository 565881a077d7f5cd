import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createClients } from './clients.ts';
import { deliverGroup } from './deliver.ts';
import type { Destination } from '../destinations/destination.ts';
import { createDestinations, type ConfigError, type Entry } from '../destinations/destinations.ts';
import { clusterEvent, isKubeEvent, MESSAGE_VERSION, type ClusterEvent } from '../contract/event.ts';
import { createHttp } from '../kit/http.ts';
import { printable } from './letter.ts';
import { createLog, processOutput, type Output } from './log.ts';
import { createMetrics } from './metrics.ts';
import { rejected, retry, type Outcome } from '../contract/outcome.ts';
import { createPace, type Pace } from './pace.ts';
import { createQueues, createSqsClient } from './queue.ts';
import { parseRecord, type Item } from './record.ts';
import { createSettlement, type End } from './settlement.ts';
import type { Sink, SinkContext } from '../contract/sink.ts';
import { openSource } from '../destinations/source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the surroundings give a function; by default the process' own. */
export interface Surroundings {
  readonly env?: Environment;
  readonly output?: Output;
  readonly now?: () => Date;
  readonly random?: () => number;
  /** For the queues alone: sinks that sign for AWS keep the process' own credentials. */
  readonly queueClient?: SQSClient;
}

/** `{"test": ...}` as the payload of an invocation delivers one event, whatever the filter, and touches no queue. */
export interface TestInvocation {
  readonly test: { readonly destination: string; readonly event: unknown; readonly cluster?: string };
}

export type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'>;

export interface SinkHandler {
  (event: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse>;
  (event: TestInvocation, context: InvocationContext): Promise<Outcome>;
}

/** A bug of ours, should it ever be seen: unknown means failed. */
const lost = retry('unknown_outcome', 'the event got no outcome');

/** Time kept back at the end of an invocation for letters and visibility. */
const RESERVE_MS = 5000;

/**
 * The one handler of all sinks: parses, filters, groups by destination, renders, sends, and gives every record of the
 * batch exactly one end: delivered, filtered, dead-lettered, or back on the queue for a later attempt.
 *
 * Environment: `DESTINATIONS`, `QUEUE_URL`, `DEAD_LETTER_QUEUE_URL`, `MAX_RECEIVES` (8), `RETRY_BASE_SECONDS` (30). It
 * rejects only if that is wrong, or if the destinations cannot be read and none are known: then everything is retried.
 */
export function createHandler<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  surroundings: Surroundings = {},
): SinkHandler {
  // By the first invocation, not by the import: a bundle can be loaded without an environment.
  let parts: ReturnType<typeof createParts<Options, Secrets, Payload, Client>> | undefined;

  async function handler(event: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse>;
  async function handler(event: TestInvocation, context: InvocationContext): Promise<Outcome>;
  async function handler(
    event: SQSEvent | TestInvocation,
    context: InvocationContext,
  ): Promise<SQSBatchResponse | Outcome> {
    parts ??= createParts(sink, surroundings);
    const remainingMs = context.getRemainingTimeInMillis();
    const signal = AbortSignal.timeout(Math.max(remainingMs - RESERVE_MS, remainingMs / 2));
    try {
      if ('test' in event) return await parts.deliverTest(event.test, signal);
      return await parts.deliverBatch(event.Records, signal);
    } finally {
      parts.metrics.flush();
    }
  }
  return handler;
}

function createParts<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  {
    env = process.env,
    output = processOutput,
    now = () => new Date(),
    random = Math.random,
    queueClient,
  }: Surroundings,
) {
  const { config } = sink;
  const queueUrl = required(env, 'QUEUE_URL');
  const log = createLog(output.stderr, { sink: config.type });
  const metrics = createMetrics(output.stdout, now);
  const sqs = createSqsClient(queueUrl);
  const queues = createQueues(queueClient ?? sqs, (detail) =>
    log.warn('SQS refused a call', { detail: printable(detail) }),
  );
  const settle = createSettlement({
    type: config.type,
    letterQueueUrl: required(env, 'DEAD_LETTER_QUEUE_URL'),
    maxReceives: positive(env, 'MAX_RECEIVES', 8),
    baseSeconds: positive(env, 'RETRY_BASE_SECONDS', 30),
    queues,
    metrics,
    log,
    now,
    random,
  });
  const clients = createClients(sink, (destination, error) =>
    log.info('a client did not close cleanly', { destination, error: error instanceof Error ? error.name : 'unknown' }),
  );
  const destinations = createDestinations({
    source: openSource(env['DESTINATIONS']),
    configOf: async (type) => (type === config.type ? config : undefined),
    only: config.type,
    onError: reportConfigError,
    now: () => now().getTime(),
  });
  return { deliverBatch, deliverTest, metrics };

  async function deliverBatch(records: readonly SQSRecord[], signal: AbortSignal): Promise<SQSBatchResponse> {
    const startedAt = now().getTime();
    await destinations.load();
    const items = records.map((record) => parseRecord(record, config.type));
    const ends = new Map<Item, End>();
    const pace = createPace();
    const groups = Map.groupBy(items, (item) => item.destination);
    await Promise.all(
      [...groups].map(async ([id, group]) => {
        const events = group.flatMap(({ content }) => (content instanceof Error ? [] : [content]));
        const outcomes = await deliverTo(id, events, signal, pace);
        for (const item of group) ends.set(item, endOf(item, outcomes));
      }),
    );
    const { failed, delays } = await settle(ends);
    await pace.rest(startedAt, now().getTime(), signal);
    await queues.delay(queueUrl, delays);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }

  function endOf({ content }: Item, outcomes: ReadonlyMap<ClusterEvent, End>): End {
    if (content instanceof Error) return rejected('event', content.code, content.message);
    return outcomes.get(content) ?? lost;
  }

  /** Never rejects. */
  async function deliverTo(
    id: string,
    events: readonly ClusterEvent[],
    signal: AbortSignal,
    pace: Pace,
  ): Promise<ReadonlyMap<ClusterEvent, End>> {
    const all = (end: End): ReadonlyMap<ClusterEvent, End> => new Map(events.map((event) => [event, end]));
    if (events.length === 0) return new Map();
    const entry = await find(id);
    if ('status' in entry) return all(entry);
    const { destination } = entry;
    if (!destination.enabled) return all({ status: 'filtered', cause: 'disabled' });
    // Once more today's filter: a replayed letter, or one that waited, meets the filter of today.
    const verdicts = new Map(events.map((event) => [event, destination.verdict(event)]));
    const passing = events.filter((event) => verdicts.get(event) === 'pass');
    const outcomes = await deliver(destination, passing, signal, pace);
    const endOfEvent = (event: ClusterEvent): End => {
      const verdict = verdicts.get(event) ?? 'pass';
      return verdict === 'pass' ? (outcomes.get(event) ?? lost) : { status: 'filtered', cause: verdict };
    };
    return new Map(events.map((event) => [event, endOfEvent(event)]));
  }

  async function deliver(
    destination: Destination<Options, Secrets>,
    events: readonly ClusterEvent[],
    signal: AbortSignal,
    pace: Pace,
  ): Promise<ReadonlyMap<ClusterEvent, Outcome>> {
    return deliverGroup(destination, events, {
      sink,
      clients,
      contextOf: (current) => contextOf(current, signal),
      async reload(id) {
        const entry = (await destinations.load({ fresh: true })).get(id);
        return entry?.state === 'ready' ? entry.destination : undefined;
      },
      onSend(current) {
        const { options, secrets } = current;
        const robot = secrets === undefined ? undefined : sink.pace?.(options, secrets);
        if (robot) pace.count(robot);
      },
    });
  }

  /** The destination, or the outcome of all events for it. An unknown one is looked up afresh: it may be a minute old. */
  async function find(id: string): Promise<Extract<Entry<Options, Secrets>, { state: 'ready' }> | Outcome> {
    try {
      const entry = (await destinations.load()).get(id) ?? (await destinations.load({ fresh: true })).get(id);
      if (!entry) return rejected('destination', 'destination_not_found', `there is no parameter destinations/${id}`);
      if (entry.state === 'ready') return entry;
      return retry(entry.state === 'invalid' ? 'config_invalid' : 'secret_missing', printable(entry.detail));
    } catch (error) {
      return retry('config_unreadable', error instanceof Error ? error.name : 'unknown');
    }
  }

  function contextOf(destination: Destination<Options, Secrets>, signal: AbortSignal): SinkContext<Options, Secrets> {
    const { options, secrets } = destination;
    if (secrets === undefined) throw new Error(`the secrets of ${destination.id} were not read`);
    return {
      options,
      secrets,
      signal,
      now,
      http: createHttp(signal),
      log: output.stdout,
      aws: { region: async () => sqs.config.region(), credentials: async () => sqs.config.credentials() },
    };
  }

  async function deliverTest(
    { destination: id, event, cluster = 'test' }: TestInvocation['test'],
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (!isKubeEvent(event))
      return rejected('event', 'invalid_message', 'test.event is not an Event with a metadata.uid or metadata.name');
    const sample = clusterEvent({
      v: MESSAGE_VERSION,
      kind: 'event',
      cluster,
      seenAt: now().toISOString(),
      change: 'added',
      event,
    });
    const entry = await find(id);
    if ('status' in entry) return entry;
    const outcomes = await deliver(entry.destination, [sample], signal, createPace());
    return outcomes.get(sample) ?? lost;
  }

  function reportConfigError({ destination, document, version, detail, inForce }: ConfigError): void {
    log.error('a destination needs repair', { destination, document, version, detail: printable(detail), inForce });
    const name = destination?.slice(destination.indexOf('/') + 1) ?? 'none';
    metrics.add('ConfigErrors', 1, { Sink: config.type, Destination: name });
  }
}

/** @throws {Error} naming the variable. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`environment variable ${name} is not set`);
  return value;
}

function positive(env: Environment, name: string, fallback: number): number {
  const value = env[name] ? Number(env[name]) : fallback;
  if (!(value > 0)) throw new Error(`environment variable ${name} is ${env[name]}, expected a positive number`);
  return value;
}
