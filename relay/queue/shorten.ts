import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { EventMessage } from '../../functions/core/contract/message.ts';
import { recordOf, textsOf } from '../../functions/core/contract/untrusted.ts';

/** Strings below this are left alone: cutting thousands of them would leave nothing readable. */
const WORTH_CUTTING_BYTES = 1024;
const MARK = '… [shortened]';
/** Each cut measures the whole event anew, so that one with thousands of long texts would hold up the relay for a minute. */
const MOST_CUTS = 16;
/** Texts are measured in pieces of so many characters: a short one keeps more of what fits, a long one is faster. */
const PIECE = 64;
const QUOTES = 2;

/**
 * The message with its longest texts cut until its JSON takes at most `maxBytes`, and `shortened` naming them. An event
 * that is long for another reason, or has too many long texts, keeps only the fields that identify and describe it (`shortened` then has `*`).
 */
export function shortenEvent(message: EventMessage, maxBytes: number): EventMessage {
  const cut = new Set<string>(message.shortened ?? []);
  let event: unknown = message.event;
  const measure = (): number => bytesOf({ ...message, event, shortened: [...cut] });
  let cuts = 0;
  for (let excess = measure() - maxBytes; excess > 0; excess = measure() - maxBytes) {
    const longest = longestText(event, []);
    if (longest === undefined || longest.bytes <= WORTH_CUTTING_BYTES || cuts === MOST_CUTS) {
      if (cut.has('*')) break;
      event = essence(recordOf(event));
      cut.add('*');
      cuts = 0;
      continue;
    }
    cuts += 1;
    // Cut a little more than the excess, because the mark and the field's name need room too; never below the floor.
    const keep = Math.max(longest.bytes - excess - 200, WORTH_CUTTING_BYTES / 2);
    event = replaceAt(event, longest.path, cutText(longest.text, keep));
    cut.add(longest.path.join('.'));
  }
  return { ...message, event: recordOf(event), shortened: [...cut] };
}

/** The size of a value as `writeMessage` writes it: some characters as escapes of six bytes for each of their units. */
function bytesOf(value: unknown): number {
  const json = JSON.stringify(value);
  const units = (pattern: RegExp): number => json.match(pattern)?.length ?? 0;
  return Buffer.byteLength(json) + 3 * units(/[\ufffe\uffff]/g) + 4 * units(/[\ud800-\udfff]/g);
}

interface Text {
  readonly path: readonly string[];
  readonly text: string;
  /** As JSON, where quotes and control characters count more than one. */
  readonly bytes: number;
}

function longestText(value: unknown, path: readonly string[]): Text | undefined {
  if (typeof value === 'string') return { path, text: value, bytes: bytesOf(value) };
  if (typeof value !== 'object' || value === null) return undefined;
  let longest: Text | undefined;
  for (const [key, child] of Object.entries(value)) {
    const found = longestText(child, [...path, key]);
    if (found !== undefined && found.bytes > (longest?.bytes ?? 0)) longest = found;
  }
  return longest;
}

/** The beginning of a text, of at most so many bytes as JSON. */
function cutText(text: string, maxBytes: number): string {
  let length = 0;
  for (let bytes = 0; length < text.length; length += PIECE) {
    bytes += bytesOf(text.slice(length, length + PIECE)) - QUOTES;
    if (bytes > maxBytes) break;
  }
  const cut = text.slice(0, length);
  // Not in the middle of a character outside the basic plane.
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}${MARK}`;
}

function replaceAt(value: unknown, path: readonly string[], text: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return text;
  if (Array.isArray(value)) return value.map((child, i) => (String(i) === key ? replaceAt(child, rest, text) : child));
  return { ...recordOf(value), [key]: replaceAt(recordOf(value)[key], rest, text) };
}

function essence(event: KubeEvent): KubeEvent {
  const { metadata, involvedObject, regarding, type, reason, message, note, count, series } = event;
  const { eventTime, firstTimestamp, lastTimestamp, source, reportingComponent } = event;
  const { uid, name, namespace, resourceVersion, creationTimestamp } = recordOf(metadata);
  const kept = {
    involvedObject: reference(involvedObject),
    regarding: reference(regarding),
    type,
    reason,
    message,
    note,
  };
  const times = { count, series, eventTime, firstTimestamp, lastTimestamp, source, reportingComponent };
  const small = Object.fromEntries(Object.entries({ ...kept, ...times }).filter(([, value]) => isSmall(value)));
  return { ...small, metadata: textsOf({ uid, name, namespace, resourceVersion, creationTimestamp }) };
}

function reference(object: unknown): unknown {
  if (object === undefined) return undefined;
  const { apiVersion, kind, namespace, name, uid, fieldPath } = recordOf(object);
  return textsOf({ apiVersion, kind, namespace, name, uid, fieldPath });
}

function isSmall(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).length <= 8 * WORTH_CUTTING_BYTES;
}
