import type { SQSRecord } from 'aws-lambda';
import { backoffSeconds } from './attempts.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { readPast } from './past.ts';
import type { Queues } from './queue.ts';
import { takeApart } from './apart.ts';

export interface Turns {
  readonly queues: Queues;
  /** The queue that the records come from. */
  readonly queueUrl: string;
  readonly baseSeconds: number;
  readonly now: () => Date;
  readonly deadline: Deadline;
  /** Does all there is to do with some records, in the time there is. Resolves to the message ids of those that must come again. */
  readonly work: (records: readonly SQSRecord[], deadline: Deadline) => Promise<readonly string[]>;
  /** Waits until there may be another turn. */
  readonly rest?: () => Promise<void>;
}

/** How long after the invocation's end those come back that it has not begun. */
const AFTERWARDS_SECONDS = 5;

/** Up to so many suspects have each a turn alone. More of them share as many turns, which a chat's rate allows in an invocation. */
const MAX_TURNS = 10;

/** Suspects share the time, so that one whose service never answers does not take it all; but a turn has so much at the least. */
const LEAST_TURN_MS = 10_000;

/** An envelope that is received so often is taken apart: the first time that it came to nothing, it is enough that it is alone. */
const APART_FROM_RECEIVE = 3;

/**
 * Works through a batch so that an event that ends the process takes no other with it. What is to be retried is sent anew, so a
 * message that is received again was in the hands of a function that crashed, timed out or was throttled. Such suspects have
 * their turn one by one, when all before them is settled and deleted, those that were received least often first.
 *
 * Those that have their turn stay hidden much longer than those that wait for theirs: should they end the process, the others
 * come back without them. So they are fewer each time, and in the end the one is alone; an envelope is then taken apart.
 *
 * Resolves to the message ids of the records that must come again, those among them for whom no time was left.
 */
export async function takeTurns(records: readonly SQSRecord[], turns: Turns): Promise<readonly string[]> {
  const fresh = records.filter((record) => receivesOf(record) === 1);
  const suspects = records.filter((record) => receivesOf(record) > 1).toSorted((a, b) => receivesOf(a) - receivesOf(b));
  const failed = fresh.length > 0 ? [...(await turns.work(fresh, turns.deadline))] : [];
  let settled: readonly SQSRecord[] = fresh;
  const size = Math.ceil(suspects.length / MAX_TURNS);
  let waiting: readonly SQSRecord[] = suspects;
  while (waiting.length > 0) {
    await turns.rest?.();
    if (turns.deadline.work.aborted) return [...failed, ...waiting.map(({ messageId }) => messageId)];
    const turn = waiting.slice(0, size);
    const shareMs = turns.deadline.leftMs() / Math.ceil(waiting.length / size);
    waiting = waiting.slice(size);
    await removeDone(settled, failed, turns);
    await hide(turn, waiting, turns);
    if (!(await isTakenApart(turn, turns))) failed.push(...(await workFor(shareMs, turn, turns)));
    settled = turn;
  }
  return failed;
}

async function workFor(
  shareMs: number,
  turn: readonly SQSRecord[],
  { work, deadline: { leftMs } }: Turns,
): Promise<readonly string[]> {
  const deadline = createDeadline(Math.min(leftMs(), Math.max(shareMs, LEAST_TURN_MS)));
  try {
    return await work(turn, deadline);
  } finally {
    deadline.end();
  }
}

async function isTakenApart([first, ...others]: readonly SQSRecord[], turns: Turns): Promise<boolean> {
  if (!first || others.length > 0 || receivesOf(first) < APART_FROM_RECEIVE) return false;
  return takeApart(first, turns, turns.deadline.settling);
}

function receivesOf(record: SQSRecord): number {
  return readPast(record).receives;
}

/** What is done must not come again, whatever becomes of the process. */
async function removeDone(
  records: readonly SQSRecord[],
  failed: readonly string[],
  { queues, queueUrl, deadline }: Turns,
): Promise<void> {
  const done = records.filter(({ messageId }) => !failed.includes(messageId));
  if (done.length === 0) return;
  await queues.remove(
    queueUrl,
    done.map(({ receiptHandle }) => receiptHandle),
    deadline.settling,
  );
}

async function hide(
  turn: readonly SQSRecord[],
  waiting: readonly SQSRecord[],
  { queues, queueUrl, baseSeconds, deadline }: Turns,
): Promise<void> {
  if (waiting.length === 0) return;
  const afterwards = Math.ceil(deadline.leftMs() / 1000) + AFTERWARDS_SECONDS;
  const delay = (seconds: number) => (record: SQSRecord) => ({ receiptHandle: record.receiptHandle, seconds });
  const apart = Math.max(...turn.map((record) => backoffSeconds(receivesOf(record), baseSeconds)));
  const delays = [...turn.map(delay(afterwards + apart)), ...waiting.map(delay(afterwards))];
  await queues.delay(queueUrl, delays, deadline.settling);
}
