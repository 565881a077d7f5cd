import { incidentsOf } from '../../core/chat/incident.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink, type SinkContext } from '../../core/contract/sink.ts';
import { authorization } from '../../core/kit/authorization.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { classify, excerpt, HttpError } from '../../core/kit/http.ts';
import { toJson } from '../../core/kit/json.ts';
import { alertsOf } from './alert.ts';
import { config } from './config.ts';

type Ctx = SinkContext<(typeof config.options)['_zod']['output'], (typeof config.secrets)['_zod']['output']>;

/** Alertmanager has no limit of its own, proxies in front of it have. */
const LIMITS = { maxItems: 100, maxBytes: 500_000 };

/** One request for many alerts, to every peer at once: each notifies by itself if it does not hear of the others. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = incidentsOf(events, options).map((incident) => ({
      incident,
      alerts: alertsOf(incident, options),
    }));
    return chunk(rendered, LIMITS, ({ alerts }) => Buffer.byteLength(toJson(alerts))).map((run) => ({
      events: run.flatMap(({ incident }) => incident.events),
      payload: run.flatMap(({ alerts }) => alerts),
    }));
  },
  async send({ payload }, _client, ctx) {
    const body = toJson(payload);
    const peers = [ctx.options.endpoint].flat();
    const outcomes = await Promise.all(peers.map((peer) => sendTo(peer, body, ctx)));
    return together(outcomes, peers);
  },
});

async function sendTo(peer: string, body: string, { http, now, options, secrets, conceal }: Ctx): Promise<Outcome> {
  try {
    const reply = await http({
      method: 'POST',
      url: `${peer.replace(/\/$/, '')}/api/v2/alerts`,
      headers: { 'Content-Type': 'application/json', ...authorization(options.username, secrets, conceal) },
      body,
      ...(options.tls && { tls: options.tls }),
    });
    return outcomeOf(reply, now());
  } catch (error) {
    if (error instanceof HttpError) return retry(error.code, error.message);
    throw error;
  }
}

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const { status, body } = reply;
  const detail = `HTTP ${status}${excerpt(body)}`;
  // The valid ones of them are stored all the same, and are sent again, which does nothing.
  if (status === 400 || status === 422) return split('alert_refused', detail);
  if (status === 415) return rejected('destination', 'http_415', detail);
  const byStatus = classify(reply, now);
  const isPage = byStatus.status === 'delivered' && body.trimStart().startsWith('<');
  return isPage ? retry('unexpected_reply', detail) : byStatus;
}

/**
 * Delivered when one peer has taken the alerts, with a warning that names the others: peers tell each other of notifications, not of
 * alerts. It is not tried again for those others, because by then a recovery may have ended the alert, which the peers that know of
 * it would open anew. Where none has taken them, what may pass by itself is tried again.
 */
function together(outcomes: readonly Outcome[], peers: readonly string[]): Outcome {
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.status === 'delivered' ? [] : [`${new URL(peers[index] ?? '').host}: ${outcome.code}`],
  );
  if (failed.length === 0) return delivered;
  if (failed.length < outcomes.length) return { ...delivered, warning: `not taken by ${failed.join(', ')}` };
  const [first = delivered] = outcomes;
  return outcomes.find(({ status }) => status === 'retry') ?? first;
}
