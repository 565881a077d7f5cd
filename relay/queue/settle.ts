import { type EventMessage, parseMessage } from '../../functions/core/contract/message.ts';
import type { Entry } from './backlog.ts';
import { type Outgoing, shorterMessage } from './message.ts';
import type { SendResult } from './sqs-fault.ts';

/** What becomes of an entry after a call. */
export type Fate =
  | { readonly kind: 'accepted' }
  /** It is to be sent again, in this form. */
  | { readonly kind: 'again'; readonly entry: Entry; readonly code: string }
  /** It is to be sent again once the queue has accepted something else: before, a refusal shows nothing. */
  | { readonly kind: 'suspect'; readonly entry: Entry; readonly code: string }
  /** The queue refuses what is sure to be in order: it is at fault, and the entry waits until that has passed. */
  | { readonly kind: 'waits'; readonly entry: Entry; readonly code: string; readonly reason: string };

/** To what an event is cut when the queue refuses 256 KiB. */
const SMALLER_BODY_BYTES = 32 * 1024;

/**
 * What an entry's result means for it.
 * @param result undefined where the answer says nothing about it.
 * @param entries how many the call carried: a refusal counts only of one that was sent by itself.
 * @param acceptances how many messages the queue has accepted so far.
 */
export function settle(entry: Entry, result: SendResult | undefined, entries: number, acceptances: number): Fate {
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
  return refused(tried, code, isTooLong ? `${entry.bytes} bytes` : result.detail, acceptances);
}

/**
 * A refusal may be the queue's fault: then it refuses everything, and the message waits. It is the message's only if the
 * queue has accepted something since it refused this one for the first time, and refuses it again; then a substitute is
 * sent. What the relay says of itself is sure to be in order, so whoever refuses that is at fault.
 */
function refused(entry: Entry, code: string, detail: string, acceptances: number): Fate {
  if (entry.refused === undefined || entry.standsFor !== undefined) {
    const reason = `the queue refuses every message (${code}: ${detail})`;
    return { kind: 'waits', entry: entry.standsFor?.entry ?? entry, code, reason };
  }
  const { refusedAfter = acceptances } = entry;
  if (refusedAfter === acceptances) return { kind: 'suspect', entry: { ...entry, refusedAfter, isolated: true }, code };
  const { message, sent } = entry.refused(code, detail);
  const standsFor = { entry: { ...entry, refusedAfter: undefined }, sent };
  return { kind: 'again', entry: { ...withMessage(entry, message), standsFor }, code };
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
