import { Agent } from 'node:http';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type MessageAttributeValue,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';

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
  /** All messages. */
  readonly messages: number;
  /** Those among them that nobody has received yet. */
  readonly untouched: number;
  /** When the next of them can be received, in milliseconds since the epoch; undefined if there is none. */
  readonly nextVisibleMs: number | undefined;
}

/** SQS in this process, on a port of this machine. */
export interface EmbeddedQueues {
  readonly client: SQSClient;
  /** Where they are served; the host in a queue's URL does not resolve everywhere. */
  readonly endpoint: string;
  createPair(name: string, settings: QueuePairSettings): QueuePair;
  counts(url: string): QueueCounts;
  /** Sends all letters back to their queue, each marked with the number of its replays. Resolves to how many there were. */
  replay(pair: QueuePair): Promise<number>;
  stop(): Promise<void>;
}

const RECEIVE_LIMIT = 10;

export async function startQueues(): Promise<EmbeddedQueues> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new SQSClient({
    endpoint,
    // Else the client calls the host in a queue's URL.
    useQueueUrlAsEndpoint: false,
    region: 'us-east-1',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    // Every queue's long poll holds a connection.
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 200 }) },
  });
  return {
    client,
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
      const visible = inflight.map(({ visibilityDeadline }) => visibilityDeadline);
      return {
        messages: all.length,
        untouched: all.filter(({ approximateReceiveCount }) => approximateReceiveCount === 0).length,
        nextVisibleMs: ready.length > 0 ? Date.now() : visible.toSorted((a, b) => a - b)[0],
      };
    },
    replay,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };

  async function replay({ url, deadLetterUrl }: QueuePair): Promise<number> {
    for (let replayed = 0; ;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: deadLetterUrl,
          MaxNumberOfMessages: RECEIVE_LIMIT,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['MessageGroupId'],
        }),
      );
      if (Messages.length === 0) return replayed;
      for (const { Body, ReceiptHandle, MessageAttributes = {}, Attributes = {} } of Messages) {
        const replays = Number(MessageAttributes['replays']?.StringValue ?? 0) + 1;
        const attributes: Record<string, MessageAttributeValue> = {
          replays: { DataType: 'String', StringValue: String(replays) },
        };
        await client.send(
          new SendMessageCommand({
            QueueUrl: url,
            MessageBody: Body,
            MessageAttributes: attributes,
            MessageGroupId: Attributes.MessageGroupId,
          }),
        );
        await client.send(new DeleteMessageCommand({ QueueUrl: deadLetterUrl, ReceiptHandle }));
        replayed += 1;
      }
    }
  }

  // Built here, because the URLs that the server gives hold a host name that not every machine resolves.
  function urlOf(name: string): string {
    return `${endpoint}/000000000000/${name}`;
  }
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
