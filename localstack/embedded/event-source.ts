import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** What a function is told about its invocation; it is all that ours read. */
export interface InvocationContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type QueueFunction = (event: SQSEvent, context: InvocationContext) => Promise<SQSBatchResponse | void>;

/** Meanings and limits as in Lambda's CreateEventSourceMapping with ReportBatchItemFailures. */
export interface EventSourceSettings {
  readonly queueUrl: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** How long to gather a batch. A batch size above 10 needs at least one second. */
  readonly windowSeconds: number;
  /** Invocations at the same time, each with a poller of its own. */
  readonly maxConcurrency: number;
  readonly timeoutSeconds: number;
}

export interface EventSource {
  /** Whether an invocation is under way, or a batch is being gathered. */
  isBusy(): boolean;
  /** Takes no more batches, and waits for the invocations under way. */
  stop(): Promise<void>;
}

const RECEIVE_LIMIT = 10;
/** The most that SQS takes. */
const LONG_POLL_SECONDS = 20;
const RETRY_MS = 1000;
// Lambda limits an invocation's payload to 6 MB; JSON escaping and the envelope need their share.
const MAX_BATCH_BYTES = 4_500_000;

/**
 * Does for one queue and function what a Lambda event source mapping does: receives, gathers batches, invokes, deletes what
 * succeeded and leaves what failed to its visibility timeout. A function that throws, or outlives its timeout, has failed
 * all of its batch; code cannot be killed here, so late effects of a timed-out function are possible.
 *
 * @param onError is told what went wrong outside the function, and what the function threw.
 * @param onReceive is told what was received, before it is gathered.
 */
export function startEventSource(
  sqs: SQSClient,
  settings: EventSourceSettings,
  invoke: QueueFunction,
  onError: (error: unknown) => void,
  onReceive: (messages: readonly Message[]) => void = () => {},
): EventSource {
  const { queueUrl, batchSize, windowSeconds, maxConcurrency } = settings;
  const stopping = new AbortController();
  let busy = 0;
  const ended = Promise.all(Array.from({ length: maxConcurrency }, poll));
  return {
    isBusy: () => busy > 0,
    async stop() {
      stopping.abort();
      await ended;
    },
  };

  /** One of several side by side: what it has gathered it invokes before it takes more, so that nothing waits in its hands. */
  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const first = await receive(batchSize, LONG_POLL_SECONDS);
      if (first.length === 0) continue;
      busy += 1;
      await gather(first).then(handle).catch(onError);
      busy -= 1;
    }
  }

  /** What comes within the window after the first messages, with them. */
  async function gather(first: readonly Message[]): Promise<readonly Message[]> {
    const batch = [...first];
    if (windowSeconds === 0) return batch;
    const end = Date.now() + windowSeconds * 1000;
    let bytes = sizeOf(batch);
    while (batch.length < batchSize && bytes < MAX_BATCH_BYTES && !stopping.signal.aborted) {
      const seconds = Math.floor((end - Date.now()) / 1000);
      if (seconds < 0) break;
      const more = await receive(batchSize - batch.length, Math.min(seconds, LONG_POLL_SECONDS));
      // SQS waits whole seconds only: the rest of the window is waited here.
      if (more.length === 0 && seconds === 0) await pause(Math.min(200, Math.max(0, end - Date.now())));
      batch.push(...more);
      bytes += sizeOf(more);
    }
    return batch;
  }

  async function receive(wanted: number, waitSeconds: number): Promise<readonly Message[]> {
    try {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(wanted, RECEIVE_LIMIT),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: stopping.signal },
      );
      onReceive(Messages);
      return Messages;
    } catch (error) {
      if (stopping.signal.aborted) return [];
      onError(error);
      await pause(RETRY_MS);
      return [];
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  async function handle(batch: readonly Message[]): Promise<void> {
    const failed = await failures(batch);
    const done = batch.filter(({ MessageId }) => MessageId !== undefined && !failed.has(MessageId));
    for (let from = 0; from < done.length; from += RECEIVE_LIMIT) {
      const entries = done.slice(from, from + RECEIVE_LIMIT);
      const { Failed = [] } = await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: entries.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
      for (const { Code, Message: text } of Failed) onError(new Error(`DeleteMessage: ${Code ?? ''} ${text ?? ''}`));
    }
  }

  /** The message ids of a batch that must come again. */
  async function failures(batch: readonly Message[]): Promise<ReadonlySet<string>> {
    const all = new Set(batch.flatMap(({ MessageId }) => MessageId ?? []));
    const timeoutMs = settings.timeoutSeconds * 1000;
    const deadline = Date.now() + timeoutMs;
    const timer = new AbortController();
    const timeout = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`the function timed out after ${settings.timeoutSeconds} s`);
    });
    try {
      const context = {
        awsRequestId: crypto.randomUUID(),
        getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
      };
      const event = { Records: batch.map((message) => record(message, queueUrl)) };
      const response = await Promise.race([invoke(event, context), timeout]);
      const ids = (response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
      // As on Lambda: an identifier that is none fails the batch, because nobody knows which item it meant.
      return ids.every((id) => all.has(id)) ? new Set(ids) : all;
    } catch (error) {
      onError(error);
      return all;
    } finally {
      timeout.catch(() => undefined);
      timer.abort();
    }
  }
}

function sizeOf(messages: readonly Message[]): number {
  return messages.reduce((bytes, { Body = '' }) => bytes + Buffer.byteLength(Body), 0);
}

function record(message: Message, queueUrl: string): SQSRecord {
  const attributes = message.Attributes ?? {};
  const messageAttributes = Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
    name,
    { dataType: DataType ?? 'String', stringValue: StringValue },
  ]);
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ...attributes,
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '0',
      SentTimestamp: attributes.SentTimestamp ?? '0',
      SenderId: attributes.SenderId ?? '',
    },
    messageAttributes: Object.fromEntries(messageAttributes),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueUrl.slice(queueUrl.lastIndexOf('/') + 1)}`,
    awsRegion: 'us-east-1',
  };
}
