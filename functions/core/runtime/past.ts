import type { SQSRecord } from 'aws-lambda';
import type { Tries } from './attempts.ts';
import type { Outgoing } from './queue.ts';

/** SQS delays a message by so much at most. */
const MAX_DELAY_SECONDS = 900;

/** What was before this receive, as SQS and the message's attributes tell it. */
export interface Past extends Tries {
  /** When the event failed first, RFC 3339; undefined if it has not. */
  readonly retryingSince: string | undefined;
  /** When it may be tried, in milliseconds since the epoch: SQS cannot delay a message for as long as some services ask. */
  readonly notBefore: number;
  /** How often it was replayed from dead letters; undefined if never. */
  readonly replays: string | undefined;
  /** Whether it has waited for its like: it is not held again. */
  readonly isHeld: boolean;
}

/** Reads what a record tells of its past. */
export function readPast({ attributes, messageAttributes }: SQSRecord): Past {
  const text = (name: string): string | undefined => messageAttributes[name]?.stringValue;
  const retryingSince = instant(text('retrying-since')) === undefined ? undefined : text('retrying-since');
  return {
    receives: atLeast(1, attributes.ApproximateReceiveCount),
    // A letter that SQS moves back has the attribute too, of a life that is over.
    carried: retryingSince === undefined ? 0 : atLeast(0, text('attempts')),
    retryingSince,
    notBefore: instant(text('notBefore')) ?? 0,
    replays: text('replays'),
    isHeld: text('held') !== undefined,
  };
}

/** Whether a message is there because its event was here before: those have told since when it fails, or that it was held. */
export function isSentAnew(messageAttributes: object): boolean {
  return Object.hasOwn(messageAttributes, 'retrying-since') || Object.hasOwn(messageAttributes, 'held');
}

/** What is said of a message that goes on its own queue anew. */
export interface How {
  readonly carried: number;
  /** Undefined if its events have not failed. */
  readonly retryingSince: string | undefined;
  /** Until it is to be tried. */
  readonly delaySeconds: number;
  readonly isHeld: boolean;
}

/** A message as it goes on its own queue anew. */
export function sentAnew(
  { body, groupId, replays }: { readonly body: string; readonly groupId: string; readonly replays: string | undefined },
  { carried, retryingSince, delaySeconds, isHeld }: How,
  now: Date,
): Outgoing {
  const isLong = delaySeconds > MAX_DELAY_SECONDS;
  return {
    body,
    groupId,
    delaySeconds: Math.min(delaySeconds, MAX_DELAY_SECONDS),
    attributes: {
      ...(retryingSince !== undefined && { attempts: String(carried), 'retrying-since': retryingSince }),
      ...(isHeld && { held: 'true' }),
      ...(isLong && { notBefore: new Date(now.getTime() + delaySeconds * 1000).toISOString() }),
      ...(replays !== undefined && { replays }),
    },
  };
}

function atLeast(least: number, text: string | undefined): number {
  return Math.max(least, Math.floor(Number(text)) || least);
}

function instant(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}
