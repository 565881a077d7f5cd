import kafkajs, { type KafkaConfig, type PartitionMetadata, type Producer } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { tlsOptions } from '../../core/kit/endpoint.ts';
import { presign } from '../../core/kit/presign.ts';
import type { SinkContext } from '../../core/contract/sink.ts';
import { isUnknownTopic } from './classify.ts';
import { compressionTypes, registerCodecs } from './compression.ts';
import type { config } from './config.ts';
import { createSocketFactory } from './socket.ts';

type Ctx = SinkContext<(typeof config.options)['_zod']['output'], (typeof config.secrets)['_zod']['output']>;

/** A record of the topic, all of it text. */
export interface KafkaRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the sink needs of Kafka. */
export interface KafkaClient {
  /** Sends all records. One entry per record, in order: undefined once every in-sync replica has it, otherwise why not. */
  send(records: readonly KafkaRecord[]): Promise<readonly unknown[]>;
  /** False only if the cluster, asked anew, says that the topic does not exist. Creates nothing. */
  topicExists(): Promise<boolean>;
  close(): Promise<void>;
}

// Together well below the 55 s that an invocation has.
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const ACKNOWLEDGE_TIMEOUT_MS = 10_000;

/** A frozen function does not see its sockets close, which load balancers do after 350 s and brokers after 10 min. */
const MAX_IDLE_MS = 240_000;

/** Connects on the first use, so that a refused login is an outcome like any other. */
export function createClient(ctx: Ctx): KafkaClient {
  registerCodecs();
  stopIdlePolling();
  const { brokers, topic, createTopic, compression } = ctx.options;
  const kafka = new kafkajs.Kafka({
    clientId: 'kube-courier',
    brokers: startingAnywhere(brokers),
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: createSocketFactory(),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // One try per broker of the list; whether to send again is decided by the queue.
    retry: { retries: brokers.length - 1, initialRetryTime: 50, maxRetryTime: 200 },
    ...security(ctx),
  });
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  let partitions: PartitionMetadata[] = [];
  let producer: Promise<Producer> | undefined;
  let usedAtMs = 0;

  return {
    async send(records) {
      const failures = new Map<KafkaRecord, unknown>();
      const waiting = await sendFirstAlone(records, failures);
      await Promise.all(groupByPartition(waiting).map((group) => sendGroup(group, failures)));
      return records.map((record) => failures.get(record));
    },
    async topicExists() {
      const admin = kafka.admin();
      try {
        await admin.connect();
        await admin.fetchTopicMetadata({ topics: [topic] });
        return true;
      } catch (error) {
        return !isUnknownTopic(error);
      } finally {
        await admin.disconnect();
      }
    },
    async close() {
      const open = await producer?.catch(() => undefined);
      await open?.disconnect();
    },
  };

  /**
   * While the partitions are not known, sends the first record by itself, which makes them known. What is left to send: nothing
   * if it did not get that far, because what stopped it stops all.
   */
  async function sendFirstAlone(
    records: readonly KafkaRecord[],
    failures: Map<KafkaRecord, unknown>,
  ): Promise<readonly KafkaRecord[]> {
    if (partitions.length > 0) return records;
    const [first, ...others] = records;
    if (!first) return [];
    await sendGroup([first], failures);
    if (partitions.length > 0 || !failures.has(first)) return others;
    for (const record of others) failures.set(record, failures.get(first));
    return [];
  }

  async function sendGroup(group: readonly KafkaRecord[], failures: Map<KafkaRecord, unknown>): Promise<void> {
    try {
      const open = await connected();
      await open.send({
        topic,
        acks: -1,
        timeout: ACKNOWLEDGE_TIMEOUT_MS,
        compression: compressionTypes[compression],
        messages: group.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
      });
    } catch (error) {
      for (const record of group) failures.set(record, error);
    }
  }

  /** kafkajs reports one error for all that a call sends, so each partition gets a call of its own. */
  function groupByPartition(records: readonly KafkaRecord[]): readonly (readonly KafkaRecord[])[] {
    const partitionMetadata = partitions;
    return [...Map.groupBy(records, (message) => partitioner({ topic, partitionMetadata, message })).values()];
  }

  function connected(): Promise<Producer> {
    const nowMs = ctx.now().getTime();
    if (nowMs - usedAtMs > MAX_IDLE_MS) {
      // Not waited for: nothing is in flight, and the other end may be gone.
      producer?.then((idle) => idle.disconnect()).catch(() => {});
      producer = undefined;
    }
    usedAtMs = nowMs;
    producer ??= connect().catch((error: unknown) => {
      producer = undefined;
      throw error;
    });
    return producer;
  }

  async function connect(): Promise<Producer> {
    const opening = kafka.producer({
      allowAutoTopicCreation: createTopic,
      retry: { retries: 0 },
      createPartitioner: () => (args) => {
        partitions = args.partitionMetadata;
        return partitioner(args);
      },
    });
    try {
      await opening.connect();
      return opening;
    } catch (error) {
      await opening.disconnect().catch(() => {});
      throw error;
    }
  }
}

function security(ctx: Ctx): Partial<KafkaConfig> {
  const { auth, username = '', tls } = ctx.options;
  const { password, clientCertificate, clientKey } = ctx.secrets;
  const certificate = clientCertificate && { cert: clientCertificate.reveal(), key: clientKey?.reveal() };
  const isSecure = tls !== false || certificate !== undefined || auth === 'msk-iam';
  const ssl = isSecure && { ...tlsOptions(tls), ...certificate };
  switch (auth) {
    case 'none':
      return { ssl };
    case 'msk-iam':
      return {
        ssl,
        sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskToken(ctx) }) },
      };
    case 'plain':
    case 'scram-sha-256':
    case 'scram-sha-512':
      // Three shapes to the type checker, although all alike.
      return { ssl, sasl: sasl(auth, { username, password: password?.reveal() ?? '' }) };
  }
}

function sasl(
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
  login: { readonly username: string; readonly password: string },
): NonNullable<KafkaConfig['sasl']> {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login };
    case 'scram-sha-256':
      return { mechanism, ...login };
    case 'scram-sha-512':
      return { mechanism, ...login };
  }
}

/** The token of Amazon MSK's IAM access control: a presigned `kafka-cluster:Connect`, as AWS' own signers make it. */
export async function mskToken(
  ctx: Pick<Ctx, 'aws' | 'now' | 'conceal'> & { readonly options: Pick<Ctx['options'], 'region'> },
): Promise<string> {
  const region = ctx.options.region ?? (await ctx.aws.region());
  const url = await presign(
    {
      service: 'kafka-cluster',
      host: `kafka.${region}.amazonaws.com`,
      region,
      query: { Action: 'kafka-cluster:Connect' },
    },
    ctx,
  );
  // Not part of what is signed; MSK logs it.
  url.searchParams.set('User-Agent', 'kube-courier');
  const token = Buffer.from(url.href).toString('base64url');
  ctx.conceal(token);
  return token;
}

/** kafkajs tries the list from its start: without this, a dead first broker would slow every new environment down. */
function startingAnywhere(brokers: readonly string[]): string[] {
  const start = Math.floor(Math.random() * brokers.length);
  return [...brokers.slice(start), ...brokers.slice(0, start)];
}

let isPollingStopped = false;

/**
 * After its first reply a connection of kafkajs 2.2.4 sets a timer with a negative delay, again and again: a thousand
 * wake-ups a second and a warning on Node 24. The timer has a purpose only while requests wait.
 */
function stopIdlePolling(): void {
  if (isPollingStopped) return;
  isPollingStopped = true;
  const { prototype } = RequestQueue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleIfPending() {
    if (this.pending.length > 0) schedule.call(this);
  };
}
