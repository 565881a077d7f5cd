/** An event as queues, streams and logs carry it: one JSON object, the texts to filter by, and the key that keeps order. */
import { createHash } from 'node:crypto';
import type { ClusterEvent } from '../contract/event.ts';
import { bareView } from './bare-view.ts';
import { toJson } from './json.ts';
import { cutBytes, cutText } from './text.ts';

/** The records of Kinesis, Firehose and CloudWatch Logs may have a megabyte. */
export const MAX_RECORD_BYTES = 900_000;

/**
 * The event as one line of JSON, without `raw`, of at most so many bytes: labels and annotations are left out and texts bounded, then
 * the message is cut, where it would be more. `shortened` names what was.
 */
export function eventDocument(event: ClusterEvent, maxBytes: number): string {
  const { raw: _, ...view } = event;
  const whole = json(view);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const bare = bareView(view);
  const unlabelled = json(bare);
  if (Buffer.byteLength(unlabelled) <= maxBytes) return unlabelled;
  const without = { ...bare, message: '', shortened: [...bare.shortened, 'message'] };
  const escape = (text: string): string => json(text).slice(1, -1);
  const room = maxBytes - Buffer.byteLength(json(without));
  const message = cutText(view.message, Math.max(0, room), { unit: 'utf8', escape });
  const text = json(without);
  // The only text that is empty and was not: nothing before it in the object is called `message`.
  return text.replace('"message":""', () => `"message":"${message}"`);
}

/** JSON of characters that SQS and SNS take: U+FFFE and U+FFFF only as escapes. */
function json(value: unknown): string {
  return toJson(value).replaceAll('\uFFFE', '\\ufffe').replaceAll('\uFFFF', '\\uffff');
}

/** Far below the limit of all attributes together. */
const MAX_ATTRIBUTE_BYTES = 1024;
const NOT_TAKEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** What is set of an event's texts to filter by. Ten: SNS drops messages with more on their way to a queue. */
export function filterTexts(event: ClusterEvent): Readonly<Record<string, string>> {
  const texts = {
    'event-id': event.id,
    cluster: event.cluster,
    namespace: event.object.namespace,
    kind: event.object.kind,
    name: event.object.name,
    type: event.type,
    severity: event.severity,
    reason: event.reason,
    'owner-kind': event.owner?.kind ?? '',
    'owner-name': event.owner?.name ?? '',
  };
  const shown = (text: string): string =>
    cutBytes(text.toWellFormed().replaceAll(NOT_TAKEN, '\uFFFD'), MAX_ATTRIBUTE_BYTES);
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === '' ? [] : [[name, shown(text)]])),
  );
}

/** One key for what happens to one object: at most 128 characters that SQS takes in a group's name; what has others is hashed. */
export function objectKey({ cluster, object: { namespace, kind, name } }: ClusterEvent): string {
  const key = [cluster, namespace, kind, name].join('/');
  return /^[\w./:-]{1,128}$/.test(key) ? key : hashed(key);
}

/** A text as a name without anything but letters, digits, - and _. */
export function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
