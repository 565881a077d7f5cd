import * as z from 'zod/mini';
import { incidentsOf } from '../../core/chat/incident.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply, toJson } from '../../core/kit/json.ts';
import { alertRequest, type AlertRequest } from './alert.ts';
import { config } from './config.ts';

/**
 * The rate is one of the account, by its plan, and not documented for Jira Service Management. The least that is known is 60 in a
 * minute: two invocations at once send a burst of ten each, and at 45 a minute begin three times in a minute at the most.
 */
const PER_MINUTE = 45;

const THROTTLED_MS = 60_000;

/** A request for each incident of a batch. */
export const sink = defineSink({
  config,
  pace(_options, { apiKey }) {
    const integration = fingerprint(apiKey.reveal());
    return { key: `opsgenie:${integration}`, perMinute: PER_MINUTE };
  },
  render(events, options) {
    return incidentsOf(events, options).map((incident) => ({
      events: incident.events,
      payload: alertRequest(incident, options),
    }));
  },
  async send({ payload }, _client, { http, now, options, secrets }) {
    const reply = await http({
      method: 'POST',
      url: `${options.endpoint.replace(/\/$/, '')}/v2/alerts${pathOf(payload)}`,
      headers: { 'Content-Type': 'application/json', Authorization: `GenieKey ${secrets.apiKey.reveal()}` },
      body: toJson(payload.body),
    });
    // Nothing is open under this alias: there is nothing to close.
    if (payload.action === 'close' && reply.status === 404) return delivered;
    return outcomeOf(reply, now());
  },
});

function pathOf(request: AlertRequest): string {
  return request.action === 'close' ? `/${encodeURIComponent(request.alias)}/close?identifierType=alias` : '';
}

const accepted = z.object({ requestId: z.string() });

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const { status, headers, body } = reply;
  const detail = `HTTP ${status}${excerpt(body)}`;
  switch (status) {
    case 400:
    case 422:
      return split('alert_refused', detail);
    case 401:
    case 403:
      return rejected('destination', 'key_refused', detail);
    case 402:
      return rejected('destination', 'plan_refused', detail);
    case 415:
      return rejected('destination', 'http_415', detail);
    case 429:
      return retry('throttled', detail, { afterMs: periodMs(headers['x-ratelimit-period-in-sec']) });
  }
  const byStatus = classify(reply, now);
  if (byStatus.status !== 'delivered') return byStatus;
  return parseReply(accepted, body) ? delivered : retry('unexpected_reply', detail);
}

/** For how long the account is over its rate. */
function periodMs(seconds = ''): number {
  return /^[1-9]\d{0,3}$/.test(seconds) ? Number(seconds) * 1000 : THROTTLED_MS;
}
