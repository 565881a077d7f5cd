import { gzipSync } from 'node:zlib';
import type { ClusterEvent } from '../../core/contract/event.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { recordOf } from '../../core/contract/untrusted.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { classify } from '../../core/kit/http.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { logOf } from './log.ts';

/** The intake takes 1,000 logs and 5 MB, unpacked. https://docs.datadoghq.com/api/latest/logs/#send-logs */
const LIMITS = { maxItems: 1000, maxBytes: 4_500_000 };

const HOUR_MS = 3_600_000;
/**
 * A log with a time more than 18 hours ago, or two ahead, is answered with 202 and dropped. An hour of each is left to clocks.
 * https://docs.datadoghq.com/logs/log_configuration/processors/log_date_remapper/
 */
const TAKEN = { past: 17 * HOUR_MS, future: HOUR_MS };
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
    const dated = events.map((event) => isTaken(event, now()));
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

function isTaken({ lastSeen }: ClusterEvent, now: Date): boolean {
  const age = now.getTime() - Date.parse(lastSeen);
  return age < TAKEN.past && age > -TAKEN.future;
}

/** Without a time Datadog gives a log that of its arrival. */
function undatedOf(log: string): string {
  const { timestamp: _, ...rest } = recordOf(JSON.parse(log));
  return toJson(rest);
}

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status === 'delivered')
    return reply.status === 202 ? outcome : retry('unexpected_reply', `HTTP ${reply.status}, expected 202`);
  if (outcome.status === 'retry') return outcome;
  if (reply.status === 401 || reply.status === 403) return rejected('destination', 'key_refused', outcome.detail);
  if (reply.status === 400 || reply.status === 413) return split('event_refused', outcome.detail);
  return outcome;
}
