import { gzipSync } from 'node:zlib';
import type { HttpReply } from '../../core/contract/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { classify } from '../../core/kit/http.ts';
import { config } from './config.ts';
import { logOf } from './log.ts';

/** The intake takes 1,000 logs and 5 MB, unpacked. https://docs.datadoghq.com/api/latest/logs/#send-logs */
const LIMITS = { maxItems: 1000, maxBytes: 4_500_000 };

/** One request for many logs, gzipped. Datadog takes all or none, and does not recognise a repeat: `event_id` tells it. */
export const sink = defineSink({
  config,
  render(events, options) {
    const logs = events.map((event) => ({ event, json: logOf(event, options) }));
    return chunk(logs, LIMITS, ({ json }) => Buffer.byteLength(json) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ json }) => json),
    }));
  },
  async send({ payload }, _client, { http, now, options: { site, endpoint }, secrets }) {
    const base = endpoint?.replace(/\/+$/, '') ?? `https://http-intake.logs.${site}`;
    const reply = await http({
      method: 'POST',
      url: `${base}/api/v2/logs`,
      headers: {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'DD-API-KEY': secrets.apiKey.reveal(),
      },
      body: gzipSync(`[${payload.join(',')}]`),
    });
    return outcomeOf(reply, now());
  },
});

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status === 'delivered')
    return reply.status === 202 ? outcome : retry('unexpected_reply', `HTTP ${reply.status}, expected 202`);
  if (outcome.status === 'retry') return outcome;
  if (reply.status === 401 || reply.status === 403) return rejected('destination', 'key_refused', outcome.detail);
  if (reply.status === 400 || reply.status === 413) return split('event_refused', outcome.detail);
  return outcome;
}
