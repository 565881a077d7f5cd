import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { readLetters, type Letter } from './letter.ts';
import { putBack } from './put-back.ts';
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
  /** The letters in a message. @default each of its events */
  readonly read?: (message: Message, owner: string) => readonly Letter[];
}

/** Which letters of a queue a command is about. */
export interface Choice {
  readonly includes: (letter: Letter) => boolean;
  /** @default all of them */
  readonly limit?: number | undefined;
}

/** One step of a scan. */
export interface Step {
  /** How many messages the scan has been through, those of this step included. */
  readonly messages: number;
  /** Ends the scan after this step. */
  readonly stop: () => void;
  /** Keeps hidden what is in hand, for another five minutes. Best effort. */
  readonly hold: () => Promise<void>;
}

type Handle = (letters: readonly Letter[], step: Step) => readonly Letter[] | Promise<readonly Letter[]>;

/**
 * Goes through the letters of a queue, each once. `handle` gets up to ten at a time, or all that lie in one message, and
 * resolves to those that are to be deleted; all others go back at the end, also after an interruption or a failure.
 *
 * Of a message with several letters those that stay are put into the queue again before it is deleted for the others: what
 * breaks off in between repeats some of them, and loses none.
 */
export async function scan(source: Scan, handle: Handle): Promise<void> {
  const stopped = new AbortController();
  const ended = AbortSignal.any([source.signal, stopped.signal]);
  const kept: Kept = new Map();
  let empty = 0;
  let messages = 0;
  try {
    while (!ended.aborted && empty < EMPTY_REPLIES) {
      const received = await receive(source);
      // A long scan sees the messages that stay again, once they are visible: then it has been around. Not so those that it has
      // put back, which are visible at once.
      const isAround = received.every(({ id }) => kept.get(id) !== undefined);
      empty = isAround ? empty + 1 : 0;
      const fresh = received.filter(({ id }) => !kept.has(id));
      for (const { id, receipt } of received) kept.set(id, receipt);
      const inHand = () => fresh.map(({ id }) => kept.get(id));
      const step = { stop: () => stopped.abort(), hold: () => hide(source, inHand(), HIDDEN_SECONDS) };
      for (const group of groupsOf(fresh)) {
        if (ended.aborted) break;
        messages += group.length;
        const letters = group.flatMap((message) => message.letters);
        await settle(source, group, new Set(await handle(letters, { ...step, messages })), kept);
      }
    }
  } finally {
    await hide(source, [...kept.values()], 0);
  }
}

/** The newest receipt of each message that stays; none yet of one that the scan has put back itself. */
type Kept = Map<string, string | undefined>;

/**
 * Goes through the chosen letters of a queue, `limit` of them at most; otherwise as {@link scan}. Resolves to how many there
 * were.
 */
export async function scanChosen(
  source: Scan,
  { includes, limit = Infinity }: Choice,
  handle: Handle,
): Promise<number> {
  let count = 0;
  await scan(source, async (letters, step) => {
    const chosen = letters.filter(includes).slice(0, limit - count);
    count += chosen.length;
    if (count >= limit) step.stop();
    return chosen.length === 0 ? [] : handle(chosen, step);
  });
  return count;
}

/** A message in hand, read. */
interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly message: Message;
  readonly letters: readonly Letter[];
}

async function receive({ sqs, queueUrl, owner, waitSeconds = 1, read = readLetters }: Scan) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages.map((message): Received => {
    const { MessageId: id = '', ReceiptHandle: receipt = '' } = message;
    return { id, receipt, message, letters: read(message, owner) };
  });
}

/** Messages of one letter go together; one of several is settled by itself, so that little is repeated if that breaks off. */
function groupsOf(messages: readonly Received[]): readonly (readonly Received[])[] {
  const isSingle = ({ letters }: Received): boolean => letters.length === 1;
  const singles = messages.filter(isSingle);
  const others = messages.filter((message) => !isSingle(message)).map((message) => [message]);
  return singles.length > 0 ? [singles, ...others] : others;
}

/** Deletes the messages of letters that are done, once what stays of them is safe. */
async function settle(
  { sqs, queueUrl }: Scan,
  group: readonly Received[],
  done: ReadonlySet<Letter>,
  kept: Kept,
): Promise<void> {
  const finished: Received[] = [];
  for (const received of group) {
    const rest = received.letters.filter((letter) => !done.has(letter));
    if (rest.length === received.letters.length) continue;
    if (rest.length > 0) for (const id of await putBack(sqs, queueUrl, received.message, rest)) kept.set(id, undefined);
    finished.push(received);
  }
  await remove(sqs, queueUrl, finished);
  for (const { id } of finished) kept.delete(id);
}

async function remove(sqs: SQSClient, queueUrl: string, messages: readonly Received[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
  const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  const [failed] = Failed;
  if (failed) {
    const reason = [failed.Code, failed.Message].join(' ').trim();
    throw new Error(`SQS did not delete ${countText(Failed.length, 'message')}: ${reason}`);
  }
}

/** Hides messages for so long from now. Best effort: without it they come back by themselves. */
async function hide(
  { sqs, queueUrl }: Scan,
  receipts: readonly (string | undefined)[],
  seconds: number,
): Promise<void> {
  const handles = receipts.filter((receipt) => receipt !== undefined);
  for (let from = 0; from < handles.length; from += 10) {
    const Entries = handles
      .slice(from, from + 10)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: seconds }));
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
