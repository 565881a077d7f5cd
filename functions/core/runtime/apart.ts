import type { SQSRecord } from 'aws-lambda';
import { openMessage, pack, itemOf, type OpenedEvents } from '../contract/envelope.ts';
import { MessageError } from '../contract/message.ts';
import { untilDue } from './again.ts';
import { readPast, sentAnew } from './past.ts';
import type { Queues } from './queue.ts';

/** So many messages go to SQS in one call. */
const PARTS = 10;

export interface ApartOptions {
  readonly queues: Queues;
  /** The queue that the record comes from. */
  readonly queueUrl: string;
  readonly now: () => Date;
}

/**
 * Sends an envelope back to its queue in ten parts, so that an event in it that ends the process is found in a few rounds, and
 * is alone in the end. In as many parts as there are events it would be found sooner; but most of what is received in vain was
 * throttled, and that gets no better by two hundred messages in the place of one.
 *
 * Resolves to whether the record is done. Not if there is nothing to take apart, or if SQS did not take every part.
 */
export async function takeApart(
  record: SQSRecord,
  { queues, queueUrl, now }: ApartOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const opened = open(record.body);
  if (!opened) return false;
  const { head, events, bad } = opened;
  if (events.length + bad.length < 2) return false;
  const parts = pack(
    head,
    events.map((message) => ({ item: itemOf(message) })),
    Math.ceil(events.length / PARTS),
  );
  const past = readPast(record);
  const { carried, replays, isHeld, retryingSince = now().toISOString() } = past;
  const how = { carried, retryingSince, delaySeconds: untilDue(past, { now }), isHeld };
  const groupId = head.destination ?? head.cluster;
  const accepted = await queues.send(
    queueUrl,
    [...parts, ...bad].map(({ body }) => sentAnew({ body, groupId, replays }, how, now())),
    signal,
  );
  return accepted.every(Boolean);
}

function open(body: string): OpenedEvents | undefined {
  try {
    const opened = openMessage(body);
    return opened.kind === 'events' ? opened : undefined;
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
