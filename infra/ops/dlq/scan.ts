import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { readLetter, type Letter } from './letter.ts';
import { countText } from '../count.ts';

/** How long letters stay hidden while somebody looks at them; what is left is given back at the end. */
const HIDDEN_SECONDS = 300;
/** Few empty replies in a row mean an empty queue, with long polling, which asks all of SQS' servers. */
const EMPTY_REPLIES = 2;

export interface Scan {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** `router`, or the sink type. */
  readonly owner: string;
  readonly signal: AbortSignal;
  /** How long a reply waits for a message. @default 1 */
  readonly waitSeconds?: number;
}

/** Which letters of a queue a command is about. */
export interface Choice {
  readonly includes: (letter: Letter) => boolean;
  /** @default all of them */
  readonly limit?: number | undefined;
}

/**
 * Goes through the letters of a queue, each once. `handle` gets up to ten at a time and resolves to those that are to be
 * deleted; all others go back at the end, also after an interruption or a failure. It ends the scan by `stop`.
 */
export async function scan(
  source: Scan,
  handle: (letters: readonly Letter[], stop: () => void) => Promise<readonly Letter[]>,
): Promise<void> {
  const { sqs, queueUrl, signal } = source;
  // The newest receipt of each letter that stays.
  const kept = new Map<string, string>();
  let empty = 0;
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
  };
  try {
    while (!isStopped && !signal.aborted && empty < EMPTY_REPLIES) {
      const letters = await receive(source);
      // A long scan sees the letters that stay again, once they are visible: then it has been around.
      const fresh = letters.filter(({ messageId }) => !kept.has(messageId));
      empty = fresh.length === 0 ? empty + 1 : 0;
      for (const { messageId, receiptHandle } of letters) kept.set(messageId, receiptHandle);
      if (fresh.length === 0) continue;
      const done = await handle(fresh, stop);
      await remove(sqs, queueUrl, done);
      for (const { messageId } of done) kept.delete(messageId);
    }
  } finally {
    await giveBack(sqs, queueUrl, [...kept.values()]);
  }
}

/**
 * Goes through the chosen letters of a queue, `limit` of them at most; otherwise as {@link scan}. Resolves to how many there
 * were.
 */
export async function scanChosen(
  source: Scan,
  { includes, limit = Infinity }: Choice,
  handle: (letters: readonly Letter[]) => readonly Letter[] | Promise<readonly Letter[]>,
): Promise<number> {
  let count = 0;
  await scan(source, async (letters, stop) => {
    const chosen = letters.filter(includes).slice(0, limit - count);
    count += chosen.length;
    if (count >= limit) stop();
    return chosen.length === 0 ? [] : handle(chosen);
  });
  return count;
}

async function receive({ sqs, queueUrl, owner, waitSeconds = 1 }: Scan): Promise<readonly Letter[]> {
  const reply = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return (reply.Messages ?? []).map((message) => readLetter(message, owner));
}

async function remove(sqs: SQSClient, queueUrl: string, letters: readonly Letter[]): Promise<void> {
  if (letters.length === 0) return;
  const Entries = letters.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
  const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  const [failed] = Failed;
  if (failed)
    throw new Error(
      `SQS did not delete ${countText(Failed.length, 'letter')}: ${failed.Code ?? ''} ${failed.Message ?? ''}`,
    );
}

/** Best effort: without it they come back by themselves. */
async function giveBack(sqs: SQSClient, queueUrl: string, handles: readonly string[]): Promise<void> {
  for (let from = 0; from < handles.length; from += 10) {
    const Entries = handles
      .slice(from, from + 10)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    try {
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    } catch {
      return;
    }
  }
}

/** A queue as SQS describes it; the numbers are approximate. */
export interface QueueState {
  readonly arn: string;
  readonly waiting: number;
  /** Received by somebody, or to be tried later: not visible until then. */
  readonly hidden: number;
  readonly retentionSeconds: number;
}

export async function queueState(sqs: SQSClient, queueUrl: string): Promise<QueueState> {
  const { Attributes: found = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
        'MessageRetentionPeriod',
      ],
    }),
  );
  const number = (name: QueueAttributeName): number => Number(found[name] ?? 0);
  return {
    arn: found['QueueArn'] ?? '',
    waiting: number('ApproximateNumberOfMessages'),
    hidden: number('ApproximateNumberOfMessagesNotVisible') + number('ApproximateNumberOfMessagesDelayed'),
    retentionSeconds: number('MessageRetentionPeriod'),
  };
}
