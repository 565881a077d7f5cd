import { gzipSync } from 'node:zlib';
import type { Entry } from './backlog.ts';

/** Bounds of an envelope: events, and bytes of its body. SQS bills by 64 KiB. */
export const ENVELOPE_EVENTS = 200;
export const ENVELOPE_BYTES = 60 * 1024;

/** The entries that carry these events: as few envelopes as their bounds allow. An event alone travels as it is. */
export function envelopesOf(cluster: string, parts: readonly Entry[]): readonly Entry[] {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return parts;
  if (parts.length > ENVELOPE_EVENTS) return halved(cluster, parts);
  const body = envelopeBody(
    cluster,
    parts.map(({ message }) => message.body),
  );
  const bytes = Buffer.byteLength(body);
  if (bytes > ENVELOPE_BYTES) return halved(cluster, parts);
  return [
    {
      ...first,
      message: { body },
      bytes,
      parts,
      accepted() {
        for (const part of parts) part.accepted();
      },
      refused: undefined,
    },
  ];
}

function halved(cluster: string, parts: readonly Entry[]): readonly Entry[] {
  const middle = Math.ceil(parts.length / 2);
  return [...envelopesOf(cluster, parts.slice(0, middle)), ...envelopesOf(cluster, parts.slice(middle))];
}

/** @param bodies of the events as single messages, whose first fields the envelope says once for all. */
function envelopeBody(cluster: string, bodies: readonly string[]): string {
  const said = `{"v":1,"kind":"event","cluster":${JSON.stringify(cluster)},`.length;
  const items = `[${bodies.map((body) => `{${body.slice(said)}`).join(',')}]`;
  const head = `{"v":2,"kind":"events","cluster":${JSON.stringify(cluster)}`;
  const plain = `${head},"items":${items}}`;
  if (Buffer.byteLength(plain) <= ENVELOPE_BYTES) return plain;
  return `${head},"count":${bodies.length},"gzip":"${gzipSync(items, { level: 1 }).toString('base64')}"}`;
}
