import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  SQSClient,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';

/** SQS takes 1 MiB a batch; attributes and the envelope need their share of it. */
const MAX_BATCH_BYTES = 900 * 1024;
const MAX_BATCH_ENTRIES = 10;

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
    await Promise.all(batches(messages).map((batch) => sendBatch(queueUrl, messages, batch, accepted)));
    return accepted;
  }

  async function sendBatch(
    queueUrl: string,
    messages: readonly Outgoing[],
    batch: readonly number[],
    accepted: boolean[],
  ): Promise<void> {
    const entries = batch.flatMap((index) => {
      const message = messages[index];
      return message ? [entry(String(index), message)] : [];
    });
    try {
      const reply = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      for (const { Id } of reply.Successful ?? []) accepted[Number(Id)] = true;
      for (const { Code, Message } of reply.Failed ?? []) onError(`${Code ?? 'unknown'}: ${Message ?? ''}`);
    } catch (error) {
      onError(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
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
    for (let from = 0; from < entries.length; from += MAX_BATCH_ENTRIES) {
      try {
        const reply = await sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: entries.slice(from, from + MAX_BATCH_ENTRIES),
          }),
        );
        for (const { Code, Message } of reply.Failed ?? []) onError(`${Code ?? 'unknown'}: ${Message ?? ''}`);
      } catch (error) {
        onError(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
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

/** Indexes of the messages that go together. */
function batches(messages: readonly Outgoing[]): readonly (readonly number[])[] {
  const result: number[][] = [];
  let bytes = Infinity;
  for (const [index, { body, attributes = {} }] of messages.entries()) {
    const size = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
    const last = result.at(-1);
    if (last && last.length < MAX_BATCH_ENTRIES && bytes + size <= MAX_BATCH_BYTES) {
      last.push(index);
      bytes += size;
    } else {
      result.push([index]);
      bytes = size;
    }
  }
  return result;
}
