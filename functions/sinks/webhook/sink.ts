import { createHmac } from 'node:crypto';
import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { toJson } from '../../core/kit/json.ts';
import { renderTree } from '../../core/kit/template.ts';
import { config } from './config.ts';
import { replyReader } from './reply.ts';

/** One request per event. The same event has the same `webhook-id` and body on every attempt, so that receivers can drop repeats. */
export const sink = defineSink({
  config,
  render(events, options) {
    return events.map((event) => ({
      events: [event],
      payload: {
        id: event.id.split('/').map(encodeURIComponent).join('/'),
        body: toJson(options.body === undefined ? defaultBody(event) : renderTree(options.body, { event })),
      },
    }));
  },
  async connect({ options }) {
    return replyReader(options.reply);
  },
  async send({ payload }, outcomeOf, ctx) {
    const { options, secrets } = ctx;
    const now = ctx.now();
    const reply = await ctx.http({
      method: options.method,
      url: secrets.url.reveal(),
      headers: {
        'Content-Type': 'application/json',
        ...options.headers,
        ...Object.fromEntries(Object.entries(secrets.secretHeaders).map(([name, value]) => [name, value.reveal()])),
        'webhook-id': payload.id,
        ...(secrets.signingSecret && signature(secrets.signingSecret, payload, ctx)),
      },
      body: payload.body,
      ...(options.tls && { tls: options.tls }),
    });
    return outcomeOf(reply, now);
  },
});

function defaultBody(event: ClusterEvent): Omit<ClusterEvent, 'raw'> {
  const { raw: _, ...view } = event;
  return view;
}

/** Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`. */
function signature(
  secret: Secret,
  payload: { readonly id: string; readonly body: string },
  { now, conceal }: { readonly now: () => Date; readonly conceal: (text: string) => void },
): Record<string, string> {
  const timestamp = Math.floor(now().getTime() / 1000);
  const key = Buffer.from(secret.reveal().slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${payload.id}.${timestamp}.${payload.body}`).digest('base64');
  conceal(mac);
  return { 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${mac}` };
}
