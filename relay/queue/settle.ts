import { type EventMessage, parseMessage } from '../../functions/core/contract/event.ts';
import type { Entry } from './backlog.ts';
import { type Outgoing, shorterMessage } from './message.ts';
import type { SendResult } from './sqs-fault.ts';

/** What becomes of an entry after a call. */
export type Fate =
  | { readonly kind: 'accepted' }
  /** It is to be sent again, in this form. */
  | { readonly kind: 'again'; readonly entry: Entry; readonly code: string }
  /** The queue never accepts it. */
  | { readonly kind: 'refused'; readonly entry: Entry; readonly code: string; readonly detail: string };

/** To what an event is cut when the queue refuses 256 KiB. */
const SMALLER_BODY_BYTES = 32 * 1024;

/**
 * What an entry's result means for it.
 * @param result undefined where the answer says nothing about it.
 * @param entries how many the call carried: a refusal counts only of one that was sent by itself.
 */
export function settle(entry: Entry, result: SendResult | undefined, entries: number): Fate {
  if (result?.status === 'accepted') return { kind: 'accepted' };
  const tried = { ...entry, attempts: entry.attempts + 1 };
  if (result === undefined || result.status === 'retry') {
    return { kind: 'again', entry: tried, code: result?.code ?? 'no_result' };
  }
  const code = result.status === 'too-long' ? 'too-long' : result.code;
  if (entries > 1) return { kind: 'again', entry: { ...tried, isolated: true }, code };
  if (result.status === 'refused') return { kind: 'refused', entry: tried, code, detail: result.detail };
  const message = shorten(entry.message);
  if (message === undefined) return { kind: 'refused', entry: tried, code, detail: 'the message is too long' };
  return { kind: 'again', entry: withMessage(tried, message), code };
}

/** The entry with another message. */
export function withMessage(entry: Entry, message: Outgoing): Entry {
  return { ...entry, message, bytes: Buffer.byteLength(message.body) };
}

function shorten(message: Outgoing): Outgoing | undefined {
  const parsed = parseMessage(message.body);
  if (parsed.kind !== 'event' || wasShortened(parsed, message.body)) return undefined;
  const body = shorterMessage(parsed, SMALLER_BODY_BYTES);
  return body === undefined ? undefined : { ...message, body };
}

function wasShortened(message: EventMessage, body: string): boolean {
  return message.shortened !== undefined && Buffer.byteLength(body) <= SMALLER_BODY_BYTES;
}
