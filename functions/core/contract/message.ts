/**
 * The messages between relay, router and sinks, as they stand on a queue.
 *
 * They are versioned JSON because dead letters outlive deploys. Unknown fields are ignored; an unknown `v` is refused as
 * `unsupported_version`.
 */
import { parseContext } from './context.ts';
import { isCount, isKubeEvent, type SeenEvent } from './event.ts';
import { isRecord, recordOf, textOf } from './untrusted.ts';

/** The version of single messages. */
export const MESSAGE_VERSION = 1;
/** The version of envelopes. */
export const ENVELOPE_VERSION = 2;

/** Why events may have been missed: the criteria are in the relay's README. */
export type GapCause = 'expired' | 'restore' | 'cursor-lost' | 'refused' | 'unreadable';

interface MessageHead {
  readonly v: typeof MESSAGE_VERSION;
  /** The relay's CLUSTER_NAME. */
  readonly cluster: string;
  /** When the relay saw it, RFC 3339 UTC. */
  readonly seenAt: string;
}

/** One event: from relays before 0.2, in a dead letter, and where it is alone or too long for company. */
export interface EventMessage extends MessageHead, SeenEvent {
  readonly kind: 'event';
  /** `<type>/<name>`: on a sink's queue always, on the ingest queue only for a letter replayed for one destination. */
  readonly destination?: string;
}

/** Events that share one fate for now. What is in it, and whether it is what it should be, `envelope.ts` finds out. */
export interface EventsMessage {
  readonly v: typeof ENVELOPE_VERSION;
  readonly kind: 'events';
  readonly cluster: string;
  readonly destination?: string;
  /** The fields of an {@link EventMessage} without `v`, `kind`, `cluster` and `destination`, one for each event. */
  readonly items?: unknown;
  /** In the place of `items`: base64 of their gzipped JSON array. */
  readonly gzip?: unknown;
}

/** Sent every 5 minutes by the leading relay: its absence raises the alarm. */
export interface HeartbeatMessage extends MessageHead {
  readonly kind: 'heartbeat';
  readonly relay: {
    readonly version: string;
    /** The uid of the relay's Lease: two installations under one cluster name differ here. */
    readonly installation: string;
    readonly [detail: string]: unknown;
  };
}

/** Events between `from` and `to` (RFC 3339) may have been missed. */
export interface GapMessage extends MessageHead {
  readonly kind: 'gap';
  readonly from: string;
  readonly to: string;
  readonly cause: GapCause;
  readonly detail?: string;
}

export type Message = EventMessage | EventsMessage | HeartbeatMessage | GapMessage;

/** A message that no later attempt can make readable. `code` is stable and ends up on the dead letter. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: 'invalid_message' | 'unsupported_version';

  constructor(code: MessageError['code'], detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Reads a queue message's body. An envelope is not opened.
 * @throws {MessageError} if it is not a message of a version this build knows.
 */
export function parseMessage(body: string): Message {
  const value = parseJson(body);
  if (!isRecord(value)) throw new MessageError('invalid_message', 'the body is not a JSON object');
  const { v, kind, cluster, seenAt } = value;
  const version = kind === 'events' ? ENVELOPE_VERSION : MESSAGE_VERSION;
  if (v !== version) {
    const found = typeof v === 'number' || typeof v === 'string' ? String(v).slice(0, 40) : typeof v;
    const known = `${MESSAGE_VERSION}, and ${ENVELOPE_VERSION} of kind events`;
    throw new MessageError('unsupported_version', `field v is ${found}, this build reads ${known}`);
  }
  if (typeof cluster !== 'string' || cluster === '') {
    throw new MessageError('invalid_message', 'field cluster is not a non-empty string');
  }
  const head = { v: MESSAGE_VERSION, cluster, seenAt: textOf(seenAt) } as const;
  switch (kind) {
    case 'event':
      return readEvent(value, { cluster, ...destinationOf(value) });
    case 'events':
      return {
        v: ENVELOPE_VERSION,
        kind,
        cluster,
        ...destinationOf(value),
        items: value['items'],
        gzip: value['gzip'],
      };
    case 'heartbeat': {
      const relay = recordOf(value['relay']);
      const { version: relayVersion, installation } = relay;
      return { ...head, kind, relay: { ...relay, version: textOf(relayVersion), installation: textOf(installation) } };
    }
    case 'gap': {
      const { from, to, cause } = value;
      return { ...value, ...head, kind, from: textOf(from), to: textOf(to), cause: gapCause(cause) };
    }
    default:
      throw new MessageError('invalid_message', 'field kind is not event, events, heartbeat or gap');
  }
}

/**
 * Reads what a message says of one event, as far as its fields hold what they should; unknown ones travel on.
 * @throws {MessageError} if there is no event in it.
 */
export function readEvent(
  value: Readonly<Record<string, unknown>>,
  head: Pick<EventMessage, 'cluster' | 'destination'>,
): EventMessage {
  const {
    v: _,
    kind: __,
    destination: ___,
    change,
    seenAt,
    event,
    previousCount,
    context,
    shortened,
    ...unknownFields
  } = value;
  if (!isKubeEvent(event)) {
    throw new MessageError('invalid_message', 'field event is not an Event with a metadata.uid or metadata.name');
  }
  return {
    ...unknownFields,
    v: MESSAGE_VERSION,
    kind: 'event',
    ...head,
    seenAt: textOf(seenAt),
    change: change === 'modified' || change === 'listed' ? change : 'added',
    event,
    ...(isCount(previousCount) && { previousCount }),
    ...(isRecord(context) && { context: parseContext(context) }),
    ...(Array.isArray(shortened) && { shortened: shortened.map(String) }),
  };
}

/** Writes a message as a body that SQS takes. */
export function writeMessage(message: Message): string {
  return writeJson(message);
}

/**
 * Writes JSON in the characters of SQS: JSON leaves U+FFFE and U+FFFF bare, which SQS refuses, and what lies beyond the basic
 * plane, which its emulators refuse.
 */
export function writeJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\uD800-\uDFFF\uFFFE\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new MessageError('invalid_message', 'the body is not JSON');
  }
}

function destinationOf({ destination }: Readonly<Record<string, unknown>>): Pick<EventMessage, 'destination'> {
  if (destination === undefined) return {};
  if (typeof destination === 'string') return { destination };
  throw new MessageError('invalid_message', 'field destination is not a string');
}

function gapCause(value: unknown): GapCause {
  switch (value) {
    case 'restore':
    case 'cursor-lost':
    case 'refused':
    case 'unreadable':
      return value;
    default:
      return 'expired';
  }
}
