import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  SQSClient,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { namedMessageOf } from '../contract/untrusted.ts';
import { chunk } from '../kit/chunk.ts';

/** SQS takes 1 MiB a batch; attributes and the envelope need their share of it. */
const BATCH_LIMITS = { maxItems: 10, maxBytes: 900 * 1024 } as const;

/** A message to send. */
export interface Outgoing {
  readonly body: string;
  readonly groupId: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The queue calls that functions make. */
export interface Queues {
  /** Sends each message to the queue. Resolves to whether SQS accepted it, in order; never rejects. */
  send(queueUrl: string, messages: readonly Outgoing[]): Promise<readonly boolean[]>;
  /** Sets how long messages stay invisible. Best effort: without it they return at the queue's own timeout. */
  delay(
    queueUrl: string,
    delays: readonly { readonly receiptHandle: string; readonly seconds: number }[],
  ): Promise<void>;
}

/**
 * The client functions use: at the endpoint of the queues it is for, with short timeouts, because an invocation has a
 * deadline.
 */
export function createSqsClient(queueUrl: string): SQSClient {
  return new SQSClient({
    endpoint: new URL(queueUrl).origin,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 },
    maxAttempts: 3,
  });
}

/** @param onError is told of every failed call or entry; its text never holds a message's body. */
export function createQueues(sqs: SQSClient, onError: (detail: string) => void): Queues {
  return { send, delay };

  async function send(queueUrl: string, messages: readonly Outgoing[]): Promise<readonly boolean[]> {
    const accepted: boolean[] = messages.map(() => false);
    const numbered = messages.map((message, index) => ({ message, index }));
    const batches = chunk(numbered, BATCH_LIMITS, ({ message }) => sizeBytes(message));
    await Promise.all(batches.map((batch) => sendBatch(queueUrl, batch, accepted)));
    return accepted;
  }

  async function sendBatch(
    queueUrl: string,
    batch: readonly { readonly message: Outgoing; readonly index: number }[],
    accepted: boolean[],
  ): Promise<void> {
    const entries = batch.map(({ message, index }) => entry(String(index), message));
    try {
      const reply = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      for (const { Id } of reply.Successful ?? []) accepted[Number(Id)] = true;
      for (const { Code, Message } of reply.Failed ?? []) onError(`${Code ?? 'unknown'}: ${Message ?? ''}`);
    } catch (error) {
      onError(namedMessageOf(error));
    }
  }

  async function delay(
    queueUrl: string,
    delays: readonly { readonly receiptHandle: string; readonly seconds: number }[],
  ): Promise<void> {
    const entries = delays.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    for (const batch of chunk(entries, BATCH_LIMITS, () => 0)) {
      try {
        const reply = await sqs.send(
          new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: [...batch] }),
        );
        for (const { Code, Message } of reply.Failed ?? []) onError(`${Code ?? 'unknown'}: ${Message ?? ''}`);
      } catch (error) {
        onError(namedMessageOf(error));
      }
    }
  }
}

function entry(id: string, { body, groupId, attributes = {} }: Outgoing): SendMessageBatchRequestEntry {
  const values: Record<string, MessageAttributeValue> = {};
  for (const [name, value] of Object.entries(attributes)) values[name] = { DataType: 'String', StringValue: value };
  return { Id: id, MessageBody: body, MessageGroupId: messageGroupId(groupId), MessageAttributes: values };
}

/** SQS allows 128 printable ASCII characters; names in a cluster or a letter of a stranger may be longer. */
function messageGroupId(text: string): string {
  return text.replace(/[^\x21-\x7E]/g, '_').slice(0, 128) || '-';
}

function sizeBytes({ body, attributes = {} }: Outgoing): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
}
