/** Envelopes: events that travel together while they share one fate, opened and packed. */
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ENVELOPE_VERSION,
  MESSAGE_VERSION,
  MessageError,
  parseMessage,
  readEvent,
  writeJson,
  type EventMessage,
  type EventsMessage,
  type GapMessage,
  type HeartbeatMessage,
} from './message.ts';
import { isRecord, listOf, textOf } from './untrusted.ts';

/** The most events of an envelope. */
export const MAX_EVENTS = 200;

/** The largest envelope as it is sent: SQS bills by 64 KiB, attributes have their share. */
export const MAX_ENVELOPE_BYTES = 60 * 1024;

/** The largest envelope as it is read: ten at once must fit into the memory of a function. */
export const MAX_PLAIN_BYTES = 2 * 1024 * 1024;

/** What cannot be read of an envelope, as a message of its own, and why. */
export interface BadItem {
  readonly body: string;
  readonly error: MessageError;
}

/** What a message holds: events, each on its own, or what the relay says of itself. */
export type Opened = OpenedEvents | HeartbeatMessage | GapMessage;

export interface OpenedEvents {
  readonly kind: 'events';
  readonly head: EnvelopeHead;
  /** Whether they came in an envelope, however many they are. */
  readonly isEnvelope: boolean;
  readonly events: readonly EventMessage[];
  readonly bad: readonly BadItem[];
}

/**
 * Reads a queue message's body and opens it. The fault of one item stays its own.
 * @throws {MessageError} if it is not a message of a version this build knows, or an envelope that cannot be opened.
 */
export function openMessage(body: string): Opened {
  const message = parseMessage(body);
  if (message.kind === 'heartbeat' || message.kind === 'gap') return message;
  const head = headOf(message);
  if (message.kind === 'event') return { kind: 'events', head, isEnvelope: false, events: [message], bad: [] };
  const events: EventMessage[] = [];
  const bad: BadItem[] = [];
  for (const item of itemsOf(message)) {
    const read = readItem(item, head);
    if ('error' in read) bad.push(read);
    else events.push(read);
  }
  return { kind: 'events', head, isEnvelope: true, events, bad };
}

/** What an event has in common with those that it may travel with. */
export function headOf({ cluster, destination }: EnvelopeHead): EnvelopeHead {
  return { cluster, ...(destination !== undefined && { destination }) };
}

function itemsOf({ items, gzip }: EventsMessage): readonly unknown[] {
  const list = gzip === undefined ? items : unzip(textOf(gzip));
  if (!Array.isArray(list) || list.length === 0) {
    throw new MessageError('invalid_message', `field ${gzip === undefined ? 'items' : 'gzip'} holds no list of events`);
  }
  return listOf(list);
}

/** What grows beyond all that is packed here is no envelope but a bomb. */
function unzip(base64: string): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: MAX_PLAIN_BYTES }).toString());
  } catch {
    throw new MessageError('invalid_message', `field gzip is not gzipped JSON of ${MAX_PLAIN_BYTES} bytes at most`);
  }
}

function readItem(item: unknown, head: EnvelopeHead): EventMessage | BadItem {
  try {
    if (!isRecord(item)) throw new MessageError('invalid_message', 'an item is not a JSON object');
    return readEvent(item, head);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    const fields = isRecord(item) ? item : { event: item };
    return { body: writeJson({ ...fields, v: MESSAGE_VERSION, kind: 'event', ...head }), error };
  }
}

/** What the events of an envelope have in common. */
export interface EnvelopeHead {
  readonly cluster: string;
  readonly destination?: string;
}

/** An event that is to travel: `item` is its {@link itemOf}. */
export interface Packable {
  readonly item: string;
}

/** A message's body, and what it holds. */
export interface Packed<Each> {
  readonly body: string;
  readonly events: readonly Each[];
}

/** An event as an item of an envelope: its message's fields without those that the envelope has. */
export function itemOf(message: EventMessage): string {
  const { v: _, kind: __, cluster: ___, destination: ____, ...item } = message;
  return writeJson(item);
}

/**
 * Packs events, in their order, into as few messages as there can be: plain while they fit, else gzipped, else halved. One that
 * is alone, or too long for company, is a single message.
 *
 * @param maxEvents of an envelope
 */
export function pack<Each extends Packable>(
  head: EnvelopeHead,
  events: readonly Each[],
  maxEvents: number = MAX_EVENTS,
): readonly Packed<Each>[] {
  return runs(events, maxEvents).flatMap((run) => packRun(head, run));
}

/** Events that are not too many for an envelope; one that is too long for it forms a run of its own. */
function runs<Each extends Packable>(events: readonly Each[], maxEvents: number): readonly (readonly Each[])[] {
  const all: Each[][] = [];
  let run: Each[] = [];
  // Nothing fits into a run that is full, as there is none at the beginning.
  let runBytes = Infinity;
  for (const event of events) {
    const bytes = Buffer.byteLength(event.item) + 1;
    const isLong = bytes > MAX_ENVELOPE_BYTES;
    if (isLong || run.length >= maxEvents || runBytes + bytes > MAX_PLAIN_BYTES - 2) {
      run = [];
      runBytes = 0;
      all.push(run);
    }
    run.push(event);
    runBytes = isLong ? Infinity : runBytes + bytes;
  }
  return all;
}

function packRun<Each extends Packable>(head: EnvelopeHead, run: readonly Each[]): readonly Packed<Each>[] {
  const [first] = run;
  if (first && run.length === 1) return [{ body: singleBody(head, first.item), events: run }];
  const items = `[${run.map(({ item }) => item).join(',')}]`;
  const plain = envelopeBody(head, `"items":${items}`);
  if (fits(plain)) return [{ body: plain, events: run }];
  const gzip = gzipSync(items).toString('base64');
  const zipped = envelopeBody(head, `"count":${run.length},"gzip":"${gzip}"`);
  if (fits(zipped)) return [{ body: zipped, events: run }];
  const middle = Math.ceil(run.length / 2);
  return [...packRun(head, run.slice(0, middle)), ...packRun(head, run.slice(middle))];
}

function fits(body: string): boolean {
  return Buffer.byteLength(body) <= MAX_ENVELOPE_BYTES;
}

function singleBody(head: EnvelopeHead, item: string): string {
  return `${opening({ v: MESSAGE_VERSION, kind: 'event', ...head })},${item.slice(1)}`;
}

function envelopeBody(head: EnvelopeHead, rest: string): string {
  return `${opening({ v: ENVELOPE_VERSION, kind: 'events', ...head })},${rest}}`;
}

/** A JSON object that is not closed yet. */
function opening(head: object): string {
  return writeJson(head).slice(0, -1);
}
