import { aloneAnew, messagesAnew, type Again, type AgainOptions, type Anew } from './again.ts';
import {
  countDead,
  countDone,
  countRetry,
  tellPostponed,
  warnOfDelivered,
  type Account,
  type Ended,
} from './account.ts';
import { attemptsOf, isLastAttempt, retryDelaySeconds } from './attempts.ts';
import { createLetter } from './letter.ts';
import type { Outgoing, Queues } from './queue.ts';
import { isRead, type Item } from './record.ts';

export interface SettlementOptions extends Account, AgainOptions {
  /** The function's own queue: what is to be retried goes there anew. */
  readonly queueUrl: string;
  readonly letterQueueUrl: string;
  readonly maxReceives: number;
  readonly queues: Queues;
}

/** An event that ends as a letter: it was rejected, or its last permitted attempt has failed. */
interface Dead {
  readonly item: Item;
  readonly code: string;
  readonly detail: string;
  readonly isGivenUp: boolean;
}

/**
 * Settles events that had their attempt: counts and logs them, writes letters, and sends those to be tried again anew, with
 * their attempts so far. What could not be written keeps its record, which comes again after the delay.
 *
 * Resolves to the message ids of the records that come again; the others are done.
 */
export function createSettlement(
  options: SettlementOptions,
): (ends: readonly Ended[], signal: AbortSignal) => Promise<readonly string[]> {
  return async function settle(ends, signal) {
    countDone(ends, options);
    tellPostponed(ends, options);
    warnOfDelivered(ends, options.log);
    const { dead, again } = sort(ends, options);
    for (const { item, after } of again) if (after.status === 'retry') countRetry(item, after, options);
    const unwritten = await writeLetters(dead, options, signal);
    // Its record would come again for it. One that holds other events must not: they have had their ends.
    const shared = unwritten.filter(({ isAlone }) => !isAlone).map((item) => aloneAnew(item, options));
    const unsent = await sendAnew([...messagesAnew(again, options), ...shared], options, signal);
    return keepRecords(
      unwritten.filter(({ isAlone }) => isAlone),
      unsent,
      options,
      signal,
    );
  };
}

function sort(
  ends: readonly Ended[],
  { maxReceives }: SettlementOptions,
): { readonly dead: readonly Dead[]; readonly again: readonly Again[] } {
  const dead: Dead[] = [];
  const again: Again[] = [];
  for (const { item, end } of ends) {
    if (end.status === 'rejected') dead.push({ item, code: end.code, detail: end.detail, isGivenUp: false });
    if (end.status === 'postponed' && isRead(item)) again.push({ item, after: end });
    if (end.status !== 'retry') continue;
    if (isRead(item) && !isLastAttempt(item.past, maxReceives)) again.push({ item, after: end });
    else dead.push({ item, code: end.code, detail: end.detail, isGivenUp: true });
  }
  return { dead, again };
}

/** The items whose letters could not be written. */
async function writeLetters(
  dead: readonly Dead[],
  options: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const { letterQueueUrl, queues, now } = options;
  const accepted = await queues.send(
    letterQueueUrl,
    dead.map((each) => letter(each, now())),
    signal,
  );
  return dead.flatMap((each, index) => {
    const { item, isGivenUp } = each;
    if (accepted[index]) countDead(item, each, isGivenUp, options);
    else countRetry(item, each, options);
    return accepted[index] ? [] : [item];
  });
}

function letter({ item, code, detail }: Dead, failedAt: Date): Outgoing {
  const { destination, past } = item;
  const reason = { code, detail, destination, attempts: attemptsOf(past) };
  return createLetter({ body: item.body(), replays: past.replays }, reason, failedAt);
}

/** Those that could not be sent. */
async function sendAnew(
  all: readonly Anew[],
  { queueUrl, queues }: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Anew[]> {
  const accepted = await queues.send(
    queueUrl,
    all.map(({ message }) => message),
    signal,
  );
  return all.filter((_, index) => !accepted[index]);
}

/** Hides the records of what could not be written until its next attempt. Resolves to their message ids. */
async function keepRecords(
  letters: readonly Item[],
  unsent: readonly Anew[],
  { queueUrl, queues, baseSeconds, random }: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const returning = [
    ...letters.map((item) => ({
      record: item.record,
      seconds: retryDelaySeconds({ attempts: attemptsOf(item.past), baseSeconds }, random),
    })),
    ...unsent.flatMap(({ items, delaySeconds }) => items.map(({ record }) => ({ record, seconds: delaySeconds }))),
  ];
  const byRecord = new Map(returning.map(({ record, seconds }) => [record, seconds]));
  const delays = [...byRecord].map(([{ receiptHandle }, seconds]) => ({ receiptHandle, seconds }));
  await queues.delay(queueUrl, delays, signal);
  return [...byRecord.keys()].map(({ messageId }) => messageId);
}
