import type { SQSRecord } from 'aws-lambda';
import { openMessage, type OpenedEvents } from '../contract/envelope.ts';
import { clusterEvent, type ClusterEvent } from '../contract/event.ts';
import { MessageError, writeMessage, type EventMessage } from '../contract/message.ts';
import { readPast, type Past } from './past.ts';

/** What a record of a sink's queue holds: one event of it, or what cannot be read. */
export type Item = ReadItem | UnreadItem;

interface ItemHead {
  readonly record: SQSRecord;
  readonly past: Past;
  /** `<type>/<name>`; the sink's type alone where the message does not say. */
  readonly destination: string;
  /** It alone as the body of a message. Where it is alone in its record, that of the record. */
  readonly body: () => string;
  /** Whether it has its record to itself, so that both have one fate. */
  readonly isAlone: boolean;
}

export interface ReadItem extends ItemHead {
  readonly content: ClusterEvent;
  readonly message: EventMessage;
}

export interface UnreadItem extends ItemHead {
  readonly content: MessageError;
}

/** Whether an item is an event. */
export function isRead(item: Item): item is ReadItem {
  return !(item.content instanceof MessageError);
}

/** Opens a record for a sink of this type. What cannot be read becomes an item with the reason. */
export function openRecord(record: SQSRecord, type: string): readonly Item[] {
  const head = { record, past: readPast(record) };
  try {
    const opened = openMessage(record.body);
    if (opened.kind !== 'events') throw new MessageError('invalid_message', `a ${opened.kind} is not for a sink`);
    return itemsOf(opened, head, type);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return [{ ...head, destination: type, content: error, body: () => record.body, isAlone: true }];
  }
}

function itemsOf(
  { head: { destination }, isEnvelope, events, bad }: OpenedEvents,
  head: Pick<Item, 'record' | 'past'>,
  type: string,
): readonly Item[] {
  const own = destination?.startsWith(`${type}/`) ? destination : undefined;
  const place = { ...head, destination: own ?? type, isAlone: !isEnvelope };
  const stray = new MessageError('invalid_message', `field destination is not ${type}/<name>`);
  return [
    ...events.map((message): Item => {
      const body = (): string => (isEnvelope ? writeMessage(message) : head.record.body);
      if (own === undefined) return { ...place, body, content: stray };
      return { ...place, body, message, content: clusterEvent(message) };
    }),
    ...bad.map(({ error, body }): Item => ({ ...place, body: () => body, content: error })),
  ];
}
