import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { sqsCalls, type QueueCalls } from '../../functions/core/runtime/queue-calls.ts';
import { testAccess } from './aws/access.ts';

export interface TestSqs {
  readonly endpoint: string;
  readonly client: SQSClient;
  /** Those of functions, made as on AWS. */
  readonly calls: QueueCalls;
  /** Creates a queue and gives its URL. */
  createQueue(name: string, attributes?: Record<string, string>): string;
  send(queueUrl: string, body: unknown, attributes?: Record<string, string>): Promise<void>;
  /** Receives up to ten messages as the event a function gets. */
  receive(queueUrl: string): Promise<SQSEvent>;
  /** Deletes what was received. */
  remove(queueUrl: string, event: SQSEvent): Promise<void>;
  /** Everything visible, received and left invisible. */
  drain(queueUrl: string): Promise<readonly Message[]>;
  counts(queueUrl: string): Promise<{ readonly visible: number; readonly inFlight: number }>;
  /** The messages that were sent with a delay which is not over. */
  delayed(name: string): readonly DelayedMessage[];
  /** When the messages in flight become visible again, in milliseconds since the epoch. */
  visibleAgainAt(name: string): readonly number[];
  stop(): Promise<void>;
}

export interface DelayedMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** From now. */
  readonly delayMs: number;
}

/** SQS in this process. */
export async function startSqs(): Promise<TestSqs> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const take = async (queueUrl: string): Promise<readonly Message[]> => {
    const reply = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return reply.Messages ?? [];
  };
  return {
    endpoint,
    client,
    calls: sqsCalls(endpoint, testAccess, {}),
    createQueue(name, attributes = {}) {
      server.createQueue(name, { attributes });
      return `${endpoint}/000000000000/${name}`;
    },
    async send(queueUrl, body, attributes = {}) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        }),
      );
    },
    async receive(queueUrl) {
      const eventSourceARN = `arn:aws:sqs:us-east-1:000000000000:${queueUrl.slice(queueUrl.lastIndexOf('/') + 1)}`;
      return { Records: (await take(queueUrl)).map((message) => ({ ...toRecord(message), eventSourceARN })) };
    },
    async remove(queueUrl, { Records }) {
      const Entries = Records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    },
    async drain(queueUrl) {
      const all: Message[] = [];
      for (let some = await take(queueUrl); some.length > 0; some = await take(queueUrl)) all.push(...some);
      return all;
    },
    async counts(queueUrl) {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
      );
      return {
        visible: Number(Attributes?.['ApproximateNumberOfMessages']),
        inFlight: Number(Attributes?.['ApproximateNumberOfMessagesNotVisible']),
      };
    },
    delayed: (name) =>
      (server.inspectQueue(name)?.messages.delayed ?? []).map(({ body, messageAttributes, delayUntil = 0 }) => ({
        body,
        attributes: Object.fromEntries(
          Object.entries(messageAttributes).map(([attribute, { StringValue }]) => [attribute, StringValue]),
        ),
        delayMs: delayUntil - Date.now(),
      })),
    visibleAgainAt: (name) =>
      server.inspectQueue(name)?.messages.inflight.map(({ visibilityDeadline }) => visibilityDeadline) ?? [],
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

/** A message as the function gets it. */
export function toRecord(message: Message): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: message.Attributes?.['ApproximateReceiveCount'] ?? '1',
      SentTimestamp: message.Attributes?.['SentTimestamp'] ?? '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: message.Attributes?.['ApproximateFirstReceiveTimestamp'] ?? '0',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        { dataType: 'String' as const, stringValue: value.StringValue ?? '' },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: 'us-east-1',
  };
}
