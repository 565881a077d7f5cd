import { gzipSync } from 'node:zlib';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { config } from './config.ts';
import { entryOf } from './entry.ts';
import { outcomesOf } from './reply.ts';

/** Splunk Cloud advises requests below 1 MB. */
const LIMITS = { maxItems: 500, maxBytes: 500_000 };

/** One request for many events, as JSON objects one after another, gzipped. A repeat is told by the indexed field `event_id`. */
export const sink = defineSink({
  config,
  render(events, options) {
    const entries = events.map((event) => ({ event, json: entryOf(event, options) }));
    return chunk(entries, LIMITS, ({ json }) => Buffer.byteLength(json) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ json }) => json),
    }));
  },
  async send({ events, payload }, _client, { http, now, options: { endpoint, channel, tls }, secrets }) {
    const reply = await http({
      method: 'POST',
      url: `${endpoint.replace(/\/+$/, '')}/services/collector/event`,
      headers: {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        Authorization: `Splunk ${secrets.token.reveal()}`,
        ...(channel !== undefined && { 'X-Splunk-Request-Channel': channel }),
      },
      body: gzipSync(payload.join('\n')),
      ...(tls && { tls }),
    });
    return outcomesOf(reply, events.length, now());
  },
});
