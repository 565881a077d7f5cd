import { gunzipSync } from 'node:zlib';
import { type Message, parseMessage } from '../../functions/core/contract/event.ts';

/** The messages that a body stands for: an envelope for one of each of its events. */
export function messagesIn(body: string): readonly Message[] {
  const { kind, cluster, items, gzip } = JSON.parse(body);
  if (kind !== 'events') return [parseMessage(body)];
  const events: readonly object[] = items ?? JSON.parse(gunzipSync(Buffer.from(gzip, 'base64')).toString());
  return events.map((item) => parseMessage(JSON.stringify({ v: 1, kind: 'event', cluster, ...item })));
}
