import type { SQSRecord } from 'aws-lambda';
import { clusterEvent, MessageError, parseMessage, type ClusterEvent } from '../contract/event.ts';

/** A record of a sink's queue, read. */
export interface Item {
  readonly record: SQSRecord;
  /** How often the message was received, this time included. */
  readonly receives: number;
  /** `<type>/<name>`; the sink's type alone where the message does not say. */
  readonly destination: string;
  readonly content: ClusterEvent | MessageError;
}

/** Reads a record for a sink of this type. What cannot be read becomes an item with the reason. */
export function parseRecord(record: SQSRecord, type: string): Item {
  const receives = receiveCount(record);
  try {
    const message = parseMessage(record.body);
    if (message.kind !== 'event') throw new MessageError('invalid_message', `a ${message.kind} is not for a sink`);
    const { destination } = message;
    if (!destination?.startsWith(`${type}/`)) {
      throw new MessageError('invalid_message', `field destination is not ${type}/<name>`);
    }
    return { record, receives, destination, content: clusterEvent(message) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { record, receives, destination: type, content: error };
  }
}

/** `ApproximateReceiveCount`, at least 1. */
export function receiveCount(record: SQSRecord): number {
  return Math.max(1, Number(record.attributes.ApproximateReceiveCount) || 1);
}

/** How often the message was replayed from dead letters, as its attribute says; undefined if never. */
export function replaysOf(record: SQSRecord): string | undefined {
  return record.messageAttributes['replays']?.stringValue;
}
