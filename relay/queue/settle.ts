import { type EventMessage, parseMessage } from '../../functions/core/contract/event.ts';
import type { Entry } from './backlog.ts';
import { type Outgoing, shorterMessage } from './message.ts';
import type { SendResult } from './sqs-fault.ts';

/** What becomes of an entry after a call. */
export type Fate =
  | { readonly kind: 'accepted' }
  /** It is to be sent again, in this form. */
  | { readonly kind: 'again'; readonly entry: Entry; readonly code: string }
  /** The queue refuses what is in order: it is the queue's fault, and the entry waits until that has passed. */
  | { readonly kind: 'waits'; readonly entry: Entry; readonly code: string; readonly reason: string };

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
  const isTooLong = result.status === 'too-long';
  const code = isTooLong ? 'too-long' : result.code;
  if (entries > 1) return { kind: 'again', entry: { ...tried, isolated: true }, code };
  const shorter = isTooLong ? shorten(entry.message) : undefined;
  if (shorter !== undefined) return { kind: 'again', entry: withMessage(tried, shorter), code };
  return refused(tried, code, isTooLong ? `${entry.bytes} bytes` : result.detail);
}

/**
 * Whose fault a refusal is shows a message that is surely in order: the substitute. If the queue takes it, the message
 * was at fault; if not, the queue is, and the message waits.
 */
function refused(entry: Entry, code: string, detail: string): Fate {
  if (entry.refused === undefined || entry.standsFor !== undefined) {
    const reason = `the queue refuses every message (${code}: ${detail})`;
    return { kind: 'waits', entry: entry.standsFor?.entry ?? entry, code, reason };
  }
  const { message, sent } = entry.refused(code, detail);
  return { kind: 'again', entry: { ...withMessage(entry, message), standsFor: { entry, sent } }, code };
}

function withMessage(entry: Entry, message: Outgoing): Entry {
  return { ...entry, message, bytes: Buffer.byteLength(message.body), isolated: true };
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
