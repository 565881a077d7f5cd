import { Agent } from 'node:http';
import { SQSClient, type Message } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { isSentAnew } from '../../functions/core/runtime/past.ts';
import { sqsCalls, type QueueCalls } from '../../functions/core/runtime/queue-calls.ts';
import { replayLoop, type ReplayOptions, type ReplayResult } from '../../infra/ops/dlq/replay-loop.ts';
import { eventCountIn, sum } from './event-count.ts';

/** A queue and its dead-letter queue. */
export interface QueuePair {
  readonly url: string;
  readonly deadLetterUrl: string;
}

export interface QueuePairSettings {
  readonly visibilitySeconds: number;
  /** Receives after which the queue itself gives a message up. */
  readonly redriveReceives: number;
}

/** What is on a queue. */
export interface QueueCounts {
  /** All events in its messages. */
  readonly events: number;
  /** Those among them that somebody has received and not yet deleted. */
  readonly inFlight: number;
  /** When the oldest of its messages was sent, in milliseconds since the epoch. */
  readonly oldestMs: number | undefined;
  /** Those among them that nobody has received yet: neither they, nor one that they were sent anew for. */
  readonly untouched: number;
  /** When there is next something to do, in milliseconds since the epoch: now, while a message is in somebody's hands. */
  readonly nextDueMs: number | undefined;
}

/** SQS in this process, on a port of this machine. */
export interface EmbeddedQueues {
  readonly client: SQSClient;
  /** Those of functions, made as on AWS. */
  readonly calls: QueueCalls;
  /** Where they are served; the host in a queue's URL does not resolve everywhere. */
  readonly endpoint: string;
  createPair(name: string, settings: QueuePairSettings): QueuePair;
  counts(url: string): QueueCounts;
  /** The messages of a queue as a receive would give them, without one. */
  look(url: string): readonly Message[];
  /**
   * Sends letters back to their queue, each marked with the number of its replays.
   * @param owner whose letters they are: a sink type, or `router`
   */
  replay(owner: string, pair: QueuePair, choice?: ReplayChoice): Promise<ReplayResult>;
  stop(): Promise<void>;
}

/** Which letters are to be sent back; all, where it does not say. */
export interface ReplayChoice extends Pick<ReplayOptions, 'includes' | 'maxReplays' | 'onProgress'> {
  readonly signal?: AbortSignal;
}

type StoredMessage = NonNullable<
  ReturnType<Awaited<ReturnType<typeof startFauxqs>>['inspectQueue']>
>['messages']['ready'][number];

export async function startQueues(): Promise<EmbeddedQueues> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const region = 'us-east-1';
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded' };
  const client = new SQSClient({
    endpoint,
    // Else the client calls the host in a queue's URL.
    useQueueUrlAsEndpoint: false,
    region,
    credentials,
    // Every queue's long poll holds a connection.
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 200 }) },
  });
  return {
    client,
    calls: sqsCalls(endpoint, { region: async () => region, credentials: async () => credentials }, {}),
    endpoint,
    createPair(name, { visibilitySeconds, redriveReceives }) {
      const deadLetters = server.createQueue(`${name}-dead-letters`);
      const deadLetterTargetArn = deadLetters.queueArn;
      const queue = server.createQueue(name, {
        attributes: {
          VisibilityTimeout: String(visibilitySeconds),
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: redriveReceives }),
        },
      });
      return { url: urlOf(queue.queueName), deadLetterUrl: urlOf(deadLetters.queueName) };
    },
    counts(url) {
      const { ready, delayed, inHand } = messagesOf(url);
      const all = [...ready, ...delayed, ...inHand];
      const isBusy = ready.length + inHand.length > 0;
      const due = delayed.map(({ delayUntil = Date.now() }) => delayUntil);
      const oldestMs = all.reduce((oldest, { sentTimestamp }) => Math.min(oldest, sentTimestamp), Infinity);
      return {
        events: sum(all.map(eventsIn)),
        inFlight: sum(inHand.map(eventsIn)),
        oldestMs: all.length === 0 ? undefined : oldestMs,
        untouched: sum(all.filter(isUntouched).map(eventsIn)),
        nextDueMs: isBusy ? Date.now() : due.toSorted((a, b) => a - b)[0],
      };
    },
    look(url) {
      const { ready, delayed, inHand } = messagesOf(url);
      return [...ready, ...delayed, ...inHand].map(asReceived);
    },
    replay,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };

  function messagesOf(url: string) {
    const messages = server.inspectQueue(nameOf(url))?.messages;
    if (!messages) throw new Error(`there is no queue ${url}`);
    const { ready, delayed, inflight } = messages;
    return { ready, delayed, inHand: inflight.map(({ message }) => message) };
  }

  async function replay(
    owner: string,
    { url, deadLetterUrl }: QueuePair,
    { signal = new AbortController().signal, ...choice }: ReplayChoice = {},
  ): Promise<ReplayResult> {
    const source = { sqs: client, queueUrl: deadLetterUrl, owner, signal, waitSeconds: 0 };
    return replayLoop(source, { targetUrl: url, ...choice });
  }

  // Built here, because the URLs that the server gives hold a host name that not every machine resolves.
  function urlOf(name: string): string {
    return `${endpoint}/000000000000/${name}`;
  }
}

function isUntouched({ approximateReceiveCount, messageAttributes }: StoredMessage): boolean {
  return approximateReceiveCount === 0 && !isSentAnew(messageAttributes);
}

function asReceived({
  messageId,
  body,
  messageAttributes,
  sentTimestamp,
  approximateReceiveCount,
}: StoredMessage): Message {
  const values = Object.entries(messageAttributes).map(([name, { DataType, StringValue }]) => [
    name,
    { DataType, StringValue },
  ]);
  return {
    MessageId: messageId,
    Body: body,
    MessageAttributes: Object.fromEntries(values),
    Attributes: {
      SentTimestamp: String(sentTimestamp),
      ApproximateReceiveCount: String(approximateReceiveCount),
    },
  };
}

/** A message never changes, and is looked at often. */
const known = new WeakMap<StoredMessage, number>();

function eventsIn(message: StoredMessage): number {
  const count = known.get(message) ?? eventCountIn(message.body);
  known.set(message, count);
  return count;
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
