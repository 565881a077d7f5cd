import type { EventContext } from '../../functions/core/contract/context.ts';
import type { Change, KubeEvent } from '../../functions/core/contract/event.ts';
import {
  type EventMessage,
  type GapMessage,
  type HeartbeatMessage,
  MESSAGE_VERSION,
  writeJson,
  writeMessage,
} from '../../functions/core/contract/message.ts';
import { isRecord } from '../../functions/core/contract/untrusted.ts';
import { shortenEvent } from './shorten.ts';

/** Bound of a body, so that no later hop exceeds the queue's 1 MiB. */
export const MAX_BODY_BYTES = 256 * 1024;

/** A message as it goes to the queue. */
export interface Outgoing {
  readonly body: string;
  /** Of an event: with which others it may travel. What the relay says of itself goes at once, alone. */
  readonly lane?: Lane;
}

export type Lane = 'warning' | 'normal';

/** The message of an event, shortened to `maxBytes` with a mark if it is longer. */
export function eventMessage(
  cluster: string,
  change: Change,
  event: KubeEvent,
  previousCount: number | undefined,
  maxBytes: number = MAX_BODY_BYTES,
): Outgoing {
  const message: EventMessage = {
    v: MESSAGE_VERSION,
    kind: 'event',
    cluster,
    seenAt: new Date().toISOString(),
    change,
    ...(previousCount !== undefined && { previousCount }),
    event: withoutManagedFields(event),
  };
  const lane = event.type === 'Warning' ? 'warning' : 'normal';
  const body = writeMessage(message);
  if (body.length * 3 <= maxBytes || Buffer.byteLength(body) <= maxBytes) return { body, lane };
  return { body: writeMessage(shortenEvent(message, maxBytes)), lane };
}

/**
 * The message of an event with the context added to it, if there is any and room for it. Events may have to wait for their
 * context, and are written before: as texts, they take little memory.
 */
export function withContext(message: Outgoing, context: EventContext): Outgoing {
  if (Object.keys(context).length === 0) return message;
  const body = `${message.body.slice(0, -1)},"context":${writeJson(context)}}`;
  return Buffer.byteLength(body) > MAX_BODY_BYTES ? message : { ...message, body };
}

/** The same message within `maxBytes`, or undefined if it has nothing left to shorten. */
export function shorterMessage(message: EventMessage, maxBytes: number): string | undefined {
  const body = writeMessage(shortenEvent(message, maxBytes));
  return Buffer.byteLength(body) <= maxBytes ? body : undefined;
}

/** The relay's declaration that events between two instants (RFC 3339) may have been missed. */
export function gapMessage(
  cluster: string,
  gap: Pick<GapMessage, 'from' | 'to' | 'cause'> & { detail?: string | undefined },
): Outgoing {
  const { from, to, cause, detail } = gap;
  const message: GapMessage = {
    v: MESSAGE_VERSION,
    kind: 'gap',
    cluster,
    seenAt: new Date().toISOString(),
    from,
    to,
    cause,
    ...(detail !== undefined && { detail: detail.slice(0, 500) }),
  };
  return { body: writeMessage(message) };
}

/** The sign of life of a leading relay. */
export function heartbeatMessage(cluster: string, relay: HeartbeatMessage['relay']): Outgoing {
  const message: HeartbeatMessage = {
    v: MESSAGE_VERSION,
    kind: 'heartbeat',
    cluster,
    seenAt: new Date().toISOString(),
    relay,
  };
  return { body: writeMessage(message) };
}

function withoutManagedFields(event: KubeEvent): KubeEvent {
  if (!isRecord(event.metadata) || !('managedFields' in event.metadata)) return event;
  const { managedFields: _, ...metadata } = event.metadata;
  return { ...event, metadata };
}
