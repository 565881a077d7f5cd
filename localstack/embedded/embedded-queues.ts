import { Agent } from 'node:http';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { isSentAnew } from '../../functions/core/runtime/past.ts';
import { sqsCalls, type QueueCalls } from '../../functions/core/runtime/queue-calls.ts';
import { replayLoop } from '../../infra/ops/dlq/replay-loop.ts';
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
  /** Sends all letters back to their queue, each marked with the number of its replays. Resolves to how many there were. */
  replay(pair: QueuePair): Promise<number>;
  stop(): Promise<void>;
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
      const messages = server.inspectQueue(nameOf(url))?.messages;
      if (!messages) throw new Error(`there is no queue ${url}`);
      const { ready, delayed, inflight } = messages;
      const all = [...ready, ...delayed, ...inflight.map(({ message }) => message)];
      const isBusy = ready.length + inflight.length > 0;
      const due = delayed.map(({ delayUntil = Date.now() }) => delayUntil);
      return {
        events: sum(all.map(eventsIn)),
        untouched: sum(all.filter(isUntouched).map(eventsIn)),
        nextDueMs: isBusy ? Date.now() : due.toSorted((a, b) => a - b)[0],
      };
    },
    replay,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };

  async function replay({ url, deadLetterUrl }: QueuePair): Promise<number> {
    const { signal } = new AbortController();
    const source = { sqs: client, queueUrl: deadLetterUrl, owner: nameOf(url), signal, waitSeconds: 0 };
    const { replayed } = await replayLoop(source, { targetUrl: url });
    return replayed;
  }

  // Built here, because the URLs that the server gives hold a host name that not every machine resolves.
  function urlOf(name: string): string {
    return `${endpoint}/000000000000/${name}`;
  }
}

function isUntouched({ approximateReceiveCount, messageAttributes }: StoredMessage): boolean {
  return approximateReceiveCount === 0 && !isSentAnew(messageAttributes);
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
