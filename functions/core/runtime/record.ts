import type { SQSRecord } from 'aws-lambda';
import { clusterEvent, MessageError, parseMessage, type ClusterEvent } from '../contract/event.ts';
import { readPast, type Past } from './past.ts';

/** A record of a sink's queue, read. */
export interface Item {
  readonly record: SQSRecord;
  readonly past: Past;
  /** `<type>/<name>`; the sink's type alone where the message does not say. */
  readonly destination: string;
  readonly content: ClusterEvent | MessageError;
}

/** Reads a record for a sink of this type. What cannot be read becomes an item with the reason. */
export function parseRecord(record: SQSRecord, type: string): Item {
  const past = readPast(record);
  try {
    const message = parseMessage(record.body);
    if (message.kind !== 'event') throw new MessageError('invalid_message', `a ${message.kind} is not for a sink`);
    const { destination } = message;
    if (!destination?.startsWith(`${type}/`)) {
      throw new MessageError('invalid_message', `field destination is not ${type}/<name>`);
    }
    return { record, past, destination, content: clusterEvent(message) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { record, past, destination: type, content: error };
  }
}
