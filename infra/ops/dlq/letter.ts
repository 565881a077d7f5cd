import type { Message } from '@aws-sdk/client-sqs';
import { clusterEvent, type ClusterEvent } from '../../../functions/core/contract/event.ts';
import { parseMessage } from '../../../functions/core/contract/message.ts';

/** A dead letter as it lies in its queue. */
export interface Letter {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** `unexplained` for one that SQS moved by itself, after crashes or timeouts. */
  readonly code: string;
  readonly detail: string;
  /** `<type>/<name>`, or `router`. */
  readonly destination: string;
  readonly attempts: number;
  /** When it failed, as far as known; else when it was sent. */
  readonly failedAt: Date;
  /** How often it was replayed already. */
  readonly replays: number;
  readonly event: ClusterEvent | undefined;
}

/** Reads a letter. @param owner `router` or the sink type of the queue. */
export function readLetter(message: Message, owner: string): Letter {
  const body = message.Body ?? '';
  const { event, destination } = readBody(body);
  // A message that was replayed keeps its attributes; where SQS gave up on it, they tell of the time before.
  const isRedriven = message.Attributes?.DeadLetterQueueSourceArn !== undefined;
  const attribute = (name: string): string | undefined => message.MessageAttributes?.[name]?.StringValue;
  const known = (name: string): string | undefined => (isRedriven ? undefined : attribute(name));
  const code = known('code');
  const failedAt = new Date(known('failedAt') ?? Number(message.Attributes?.SentTimestamp ?? 0));
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body,
    code: code ?? 'unexplained',
    detail: known('detail') ?? (code === undefined ? 'the function crashed, timed out, or never answered' : ''),
    destination: known('destination') ?? (owner === 'router' ? owner : (destination ?? owner)),
    attempts: Number(known('attempts') ?? 0),
    failedAt: Number.isNaN(failedAt.getTime()) ? new Date(0) : failedAt,
    replays: Number(attribute('replays') ?? 0) || 0,
    event,
  };
}

function readBody(body: string): { readonly event?: ClusterEvent; readonly destination?: string } {
  try {
    const message = parseMessage(body);
    if (message.kind !== 'event') return {};
    const { destination } = message;
    return { event: clusterEvent(message), ...(destination !== undefined && { destination }) };
  } catch {
    return {};
  }
}

/** The group of a message that goes back to the queue it came from: the destination, or the event's namespace. */
export function groupOf({ event, destination }: Letter, owner: string): string {
  if (owner !== 'router') return destination;
  return event === undefined ? 'replayed' : `${event.cluster}/${event.object.namespace || '-'}`;
}

/** A letter as JSON, its body parsed where it is JSON. */
export function letterJson(letter: Letter): unknown {
  const { messageId, code, detail, destination, attempts, failedAt, replays, body } = letter;
  return {
    messageId,
    code,
    detail,
    destination,
    attempts,
    failedAt: failedAt.toISOString(),
    replays,
    body: parsed(body),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
