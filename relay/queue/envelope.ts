import { MAX_ENVELOPE_BYTES, pack } from '../../functions/core/contract/envelope.ts';
import type { Entry } from './backlog.ts';

/** Whether an event is too long to travel with others. */
export function isTooLong({ bytes }: Entry): boolean {
  return bytes > MAX_ENVELOPE_BYTES;
}

/** The entries that carry these events: as few envelopes as their bounds allow. An event alone travels as it is. */
export function envelopesOf(cluster: string, entries: readonly Entry[]): readonly Entry[] {
  const events = entries.map((entry) => ({ item: itemIn(entry, cluster), entry }));
  return pack({ cluster }, events).map(({ body, events: packed }) =>
    envelopeOf(
      body,
      packed.map(({ entry }) => entry),
    ),
  );
}

function envelopeOf(body: string, parts: readonly Entry[]): Entry {
  const [first] = parts;
  if (first === undefined) throw new Error('an envelope without an event');
  if (parts.length === 1) return first;
  return {
    ...first,
    message: { body },
    bytes: Buffer.byteLength(body),
    parts,
    accepted() {
      for (const part of parts) part.accepted();
    },
    refused: undefined,
  };
}

/** An event as an item of an envelope: its message without the fields that the envelope has, which are written first. */
function itemIn({ message }: Entry, cluster: string): string {
  return `{${message.body.slice(`{"v":1,"kind":"event","cluster":${JSON.stringify(cluster)},`.length)}`;
}
