import { untilAborted } from '../contract/limits.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import { chunk } from '../kit/chunk.ts';
import type { BatchReply, QueueCalls, SendEntry } from './queue-calls.ts';

/** SQS takes 1 MiB a batch; attributes and the envelope need their share of it. */
const BATCH_LIMITS = { maxItems: 10, maxBytes: 900 * 1024 } as const;

/** A message to send. */
export interface Outgoing {
  readonly body: string;
  readonly groupId: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Until it can be received; 900 at most. @default 0 */
  readonly delaySeconds?: number;
}

export interface Delay {
  readonly receiptHandle: string;
  readonly seconds: number;
}

/** The queue calls that functions make. None rejects; each ends when its signal aborts. */
export interface Queues {
  /** Sends each message to the queue. Resolves to whether SQS accepted it, in order. */
  send(queueUrl: string, messages: readonly Outgoing[], signal?: AbortSignal): Promise<readonly boolean[]>;
  /** Sets how long messages stay invisible. Best effort: without it they return at the queue's own timeout. */
  delay(queueUrl: string, delays: readonly Delay[], signal?: AbortSignal): Promise<void>;
  /** Deletes messages. Best effort: without it they come again. */
  remove(queueUrl: string, receiptHandles: readonly string[], signal?: AbortSignal): Promise<void>;
}

/** @param onError is told of every failed call or entry; its text never holds a message's body. */
export function createQueues(sqs: QueueCalls, onError: (detail: string) => void): Queues {
  return {
    async send(queueUrl, messages, signal = never) {
      const accepted = new Set<string | undefined>();
      const entries = messages.map((message, index) => entry(String(index), message));
      await Promise.all(
        chunk(entries, BATCH_LIMITS, sizeBytes).map(async (batch) => {
          const reply = sqs.sendMessageBatch({ QueueUrl: queueUrl, Entries: [...batch] }, signal);
          const done = await doneEntries(reply, batch.length, signal);
          for (const id of done) accepted.add(id);
        }),
      );
      return entries.map(({ Id }) => accepted.has(Id));
    },
    async delay(queueUrl, delays, signal = never) {
      const entries = delays.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }));
      await inBatches(entries, signal, (Entries) =>
        sqs.changeMessageVisibilityBatch({ QueueUrl: queueUrl, Entries }, signal),
      );
    },
    async remove(queueUrl, receiptHandles, signal = never) {
      const entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      await inBatches(entries, signal, (Entries) => sqs.deleteMessageBatch({ QueueUrl: queueUrl, Entries }, signal));
    },
  };

  /** Makes a call for every ten of the entries. */
  async function inBatches<Entry>(
    entries: readonly Entry[],
    signal: AbortSignal,
    call: (batch: Entry[]) => Promise<BatchReply>,
  ): Promise<void> {
    await Promise.all(
      chunk(entries, BATCH_LIMITS, () => 0).map((batch) => doneEntries(call([...batch]), batch.length, signal)),
    );
  }

  /** The ids of a batch's entries that SQS did. Tells of each that it refused, or of a call that failed. */
  async function doneEntries(
    reply: Promise<BatchReply>,
    size: number,
    signal: AbortSignal,
  ): Promise<readonly (string | undefined)[]> {
    try {
      const { Successful = [], Failed = [] } = await untilAborted(reply, signal);
      for (const { Code = 'unknown', Message = '' } of Failed) onError(`${Code}: ${Message}`);
      if (Successful.length + Failed.length < size) onError('SQS did not answer for every message');
      return Successful.map(({ Id }) => Id);
    } catch (error) {
      onError(namedMessageOf(error));
      return [];
    }
  }
}

/** For callers without a deadline. */
const never = new AbortController().signal;

function entry(id: string, { body, groupId, attributes = {}, delaySeconds }: Outgoing): SendEntry {
  const values: SendEntry['MessageAttributes'] = {};
  for (const [name, value] of Object.entries(attributes)) values[name] = { DataType: 'String', StringValue: value };
  const delay = delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds };
  return { Id: id, MessageBody: body, MessageGroupId: messageGroupId(groupId), MessageAttributes: values, ...delay };
}

/** SQS allows 128 printable ASCII characters; names in a cluster or a letter of a stranger may be longer. */
function messageGroupId(text: string): string {
  return text.replace(/[^\x21-\x7E]/g, '_').slice(0, 128) || '-';
}

function sizeBytes({ MessageBody, MessageAttributes }: SendEntry): number {
  return Buffer.byteLength(MessageBody) + Buffer.byteLength(JSON.stringify(MessageAttributes));
}
