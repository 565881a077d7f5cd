import * as z from 'zod/mini';
import { incidentsOf } from '../../core/chat/incident.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply, toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { pagerDutyEvent } from './event.ts';

/**
 * PagerDuty takes about 120 requests in any minute for a key. Two invocations at once send a burst of 15 each; at 90 a minute they
 * begin four times in a minute at the most.
 */
const PER_MINUTE = 90;

/** The documents ask for a pause, and name none. */
const THROTTLED_MS = 60_000;

/** A request for each incident of a batch. */
export const sink = defineSink({
  config,
  pace(_options, { routingKey }) {
    const integration = fingerprint(routingKey.reveal());
    return { key: `pagerduty:${integration}`, perMinute: PER_MINUTE };
  },
  render(events, options) {
    return incidentsOf(events, options).map((incident) => ({
      events: incident.events,
      payload: pagerDutyEvent(incident),
    }));
  },
  async send({ payload }, _client, { http, now, options, secrets }) {
    const reply = await http({
      method: 'POST',
      url: `${options.endpoint.replace(/\/$/, '')}/v2/enqueue`,
      headers: { 'Content-Type': 'application/json' },
      body: toJson({ routing_key: secrets.routingKey.reveal(), ...payload }),
    });
    return outcomeOf(reply, now());
  },
});

const pagerDutyReply = z.object({ status: z.string() });

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const { status, body } = reply;
  const detail = `HTTP ${status}${excerpt(body)}`;
  if (status === 400) {
    return /routing.?key/i.test(body)
      ? rejected('destination', 'routing_key_refused', detail)
      : split('event_refused', detail);
  }
  if (status === 429) return retry('throttled', detail, { afterMs: THROTTLED_MS });
  const byStatus = classify(reply, now);
  if (byStatus.status !== 'delivered') return byStatus;
  return parseReply(pagerDutyReply, body)?.status === 'success' ? delivered : retry('unexpected_reply', detail);
}
