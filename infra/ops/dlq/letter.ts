import type { Message } from '@aws-sdk/client-sqs';
import { openMessage, type Opened } from '../../../functions/core/contract/envelope.ts';
import { clusterEvent, type ClusterEvent } from '../../../functions/core/contract/event.ts';
import { writeMessage } from '../../../functions/core/contract/message.ts';

/** A dead letter: one event, alone in its message or together with others. */
export interface Letter {
  /** Of the message that it lies in. */
  readonly messageId: string;
  /** Of a message that holds it alone. */
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
  /** What its message says of itself, less what is of a life that is over. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a letter is of. */
interface Content {
  readonly body: string;
  readonly event?: ClusterEvent;
  readonly destination?: string;
}

/**
 * Reads a message of a dead-letter queue: a letter for each of its events, and for each item in it that cannot be read.
 * Functions write letters of one event, but SQS moves messages as they are.
 *
 * @param owner `router` or the sink type of the queue
 */
export function readLetters(message: Message, owner: string): readonly Letter[] {
  return contentsOf(message.Body ?? '').map((content) => letterOf(message, content, owner));
}

/** Reads a message as one letter, whatever it holds: for those who move it as it is. */
export function readWhole(message: Message, owner: string): readonly Letter[] {
  const body = message.Body ?? '';
  const [first] = contentsOf(body);
  return [letterOf(message, { ...first, body }, owner)];
}

function contentsOf(body: string): readonly Content[] {
  const opened = open(body);
  if (opened?.kind !== 'events') return [{ body }];
  const { head, isEnvelope, events, bad } = opened;
  const place = head.destination === undefined ? {} : { destination: head.destination };
  return [
    ...events.map((message) => ({
      ...place,
      body: isEnvelope ? writeMessage(message) : body,
      event: clusterEvent(message),
    })),
    ...bad.map((item) => ({ ...place, body: item.body })),
  ];
}

function open(body: string): Opened | undefined {
  try {
    return openMessage(body);
  } catch {
    return undefined;
  }
}

function letterOf(message: Message, { body, event, destination }: Content, owner: string): Letter {
  const attributes = attributesIn(message);
  const { code } = attributes;
  const failedAt = new Date(attributes['failedAt'] ?? Number(message.Attributes?.SentTimestamp ?? 0));
  return {
    messageId: message.MessageId ?? '',
    body,
    code: code ?? 'unexplained',
    detail: attributes['detail'] ?? (code === undefined ? 'the function crashed, timed out, or never answered' : ''),
    destination: attributes['destination'] ?? (owner === 'router' ? owner : (destination ?? owner)),
    attempts: Number(attributes['attempts'] ?? 0),
    failedAt: Number.isNaN(failedAt.getTime()) ? new Date(0) : failedAt,
    replays: Number(attributes['replays'] ?? 0) || 0,
    event,
    attributes,
  };
}

function attributesIn({ Attributes, MessageAttributes = {} }: Message): Readonly<Record<string, string>> {
  const all = Object.fromEntries(
    Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
      StringValue === undefined ? [] : [[name, StringValue]],
    ),
  );
  // A message that was replayed keeps its attributes; where SQS gave up on it, they tell of the time before.
  if (Attributes?.DeadLetterQueueSourceArn === undefined) return all;
  const { replays } = all;
  return replays === undefined ? {} : { replays };
}

/** The attributes of a message in which a letter is put into a dead-letter queue again: it reads as it did. */
export function attributesAgain({ destination, failedAt, attributes }: Letter): Readonly<Record<string, string>> {
  return { destination, failedAt: failedAt.toISOString(), ...attributes };
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
