import { gzipSync } from 'node:zlib';
import { delivered } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { recordOf } from '../../core/contract/untrusted.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { toJson } from '../../core/kit/json.ts';
import { takesTime, outcomeOf } from './account.ts';
import { config } from './config.ts';
import { logOf } from './log.ts';

/** The intake takes 1,000 logs and 5 MB, unpacked. https://docs.datadoghq.com/api/latest/logs/#send-logs */
const LIMITS = { maxItems: 1000, maxBytes: 4_500_000 };

const UNDATED = {
  ...delivered,
  warning:
    'outside the last 18 hours, where Datadog drops logs: it has the time of its arrival there, and its own in k8s_event.lastSeen',
};

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
  async send({ events, payload }, _client, { http, now, options: { site, endpoint }, secrets }) {
    const dated = events.map((event) => takesTime(Date.parse(event.lastSeen), now()));
    const logs = payload.map((log, index) => (dated[index] ? log : undatedOf(log)));
    const base = endpoint?.replace(/\/+$/, '') ?? `https://http-intake.logs.${site}`;
    const reply = await http({
      method: 'POST',
      url: `${base}/api/v2/logs`,
      headers: {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'DD-API-KEY': secrets.apiKey.reveal(),
      },
      body: gzipSync(`[${logs.join(',')}]`),
    });
    const outcome = outcomeOf(reply, now());
    return outcome.status === 'delivered' ? dated.map((isDated) => (isDated ? delivered : UNDATED)) : outcome;
  },
});

/** Without a time Datadog gives a log that of its arrival. */
function undatedOf(log: string): string {
  const { timestamp: _, ...rest } = recordOf(JSON.parse(log));
  return toJson(rest);
}
