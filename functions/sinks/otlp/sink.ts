import { gzipSync } from 'node:zlib';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { encodeRequest } from './encode.ts';
import { logsRequest } from './record.ts';
import { exportOutcome } from './reply.ts';

/** A collector takes 20 MiB, New Relic 1 MB. */
const LIMITS = { maxItems: 1000, maxBytes: 1_000_000 };

/** One request for many events. OTLP knows no repeats: `event.id` tells them. */
export const sink = defineSink({
  config,
  render(events, { resourceAttributes }) {
    const measured = events.map((event) => ({
      event,
      bytes: Buffer.byteLength(toJson(logsRequest([event], resourceAttributes))),
    }));
    return chunk(measured, LIMITS, ({ bytes }) => bytes).map((run) => {
      const together = run.map(({ event }) => event);
      return { events: together, payload: logsRequest(together, resourceAttributes) };
    });
  },
  async send({ events, payload }, _client, { http, now, options, secrets }) {
    const isJson = options.encoding === 'json';
    const secretHeaders = Object.entries(secrets.secretHeaders).map(([name, value]) => [name, value.reveal()]);
    const reply = await http({
      method: 'POST',
      url: options.endpoint,
      headers: {
        ...options.headers,
        ...Object.fromEntries(secretHeaders),
        'Content-Type': isJson ? 'application/json' : 'application/x-protobuf',
        'Content-Encoding': 'gzip',
      },
      body: gzipSync(isJson ? toJson(payload) : encodeRequest(payload)),
      ...(options.tls && { tls: options.tls }),
    });
    return exportOutcome(reply, events.length, now());
  },
});
