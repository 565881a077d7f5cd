import type { SQSRecord } from 'aws-lambda';
import { backoffSeconds } from './attempts.ts';
import type { Deadline } from './deadline.ts';
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
  /** Does all there is to do with some records. Resolves to the message ids of those that must come again. */
  readonly work: (records: readonly SQSRecord[]) => Promise<readonly string[]>;
}

/** How long after the invocation's end those come back that it has not begun. */
const AFTERWARDS_SECONDS = 5;

/** An envelope that came to nothing so often is taken apart. The first time, it is enough that it is alone. */
const APART_FROM_RECEIVE = 3;

/**
 * Works through a batch so that an event that ends the process takes no other with it. What is to be retried is sent anew, so a
 * message that is received again was in the hands of a function that crashed, timed out or was throttled. Such suspects have
 * their turn one by one, when all before them is settled and deleted, those that were received least often first.
 *
 * One that is an envelope is taken apart, if it comes to nothing again.
 *
 * A suspect stays hidden much longer than those that wait for their turn: should it end the process, they come back without it.
 *
 * Resolves to the message ids of the records that must come again, those among them for whom no time was left.
 */
export async function takeTurns(records: readonly SQSRecord[], turns: Turns): Promise<readonly string[]> {
  const fresh = records.filter((record) => receivesOf(record) === 1);
  const suspects = records.filter((record) => receivesOf(record) > 1).toSorted((a, b) => receivesOf(a) - receivesOf(b));
  const failed = fresh.length > 0 ? [...(await turns.work(fresh))] : [];
  let settled: readonly SQSRecord[] = fresh;
  for (const [index, suspect] of suspects.entries()) {
    if (turns.deadline.work.aborted) return [...failed, ...suspects.slice(index).map(({ messageId }) => messageId)];
    await removeDone(settled, failed, turns);
    await hide(suspect, suspects.slice(index + 1), turns);
    const isApart =
      receivesOf(suspect) >= APART_FROM_RECEIVE && (await takeApart(suspect, turns, turns.deadline.settling));
    if (!isApart) failed.push(...(await turns.work([suspect])));
    settled = [suspect];
  }
  return failed;
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
  suspect: SQSRecord,
  others: readonly SQSRecord[],
  { queues, queueUrl, baseSeconds, deadline }: Turns,
): Promise<void> {
  if (others.length === 0) return;
  const leftSeconds = Math.ceil(deadline.leftMs() / 1000);
  const apart = backoffSeconds(receivesOf(suspect), baseSeconds);
  const delays = [
    { receiptHandle: suspect.receiptHandle, seconds: leftSeconds + AFTERWARDS_SECONDS + apart },
    ...others.map(({ receiptHandle }) => ({ receiptHandle, seconds: leftSeconds + AFTERWARDS_SECONDS })),
  ];
  await queues.delay(queueUrl, delays, deadline.settling);
}
