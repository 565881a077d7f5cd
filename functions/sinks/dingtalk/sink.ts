import { createHmac } from 'node:crypto';
import { classifyErrcode } from '../../core/chat/errcode.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { config } from './config.ts';
import { meaningOf } from './errcode.ts';
import { dingTalkMessage } from './message.ts';

/** A robot may send 20 messages a minute, and is refused for ten minutes if it sends more. */
const MESSAGES_PER_MINUTE = 20;

/** Messages of a group's custom robot, one per batch. */
export const sink = defineSink({
  config,
  pace(_options, secrets) {
    const robot = fingerprint(secrets.accessToken.reveal());
    return { key: `dingtalk:${robot}`, perMinute: MESSAGES_PER_MINUTE };
  },
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: dingTalkMessage(events, options) }];
  },
  async send({ payload }, _client, ctx) {
    const now = ctx.now();
    const reply = await ctx.http({
      method: 'POST',
      url: robotUrl(ctx, now),
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(payload),
    });
    return classifyErrcode(reply, now, meaningOf);
  },
});

interface Robot {
  readonly options: { readonly endpoint: string };
  readonly secrets: { readonly accessToken: Secret; readonly signSecret?: Secret | undefined };
  readonly conceal: (text: string) => void;
}

function robotUrl({ options, secrets, conceal }: Robot, now: Date): string {
  const url = new URL(options.endpoint);
  if (url.pathname === '/') url.pathname = '/robot/send';
  const query = new URLSearchParams({ access_token: secrets.accessToken.reveal() });
  if (secrets.signSecret) {
    const timestamp = String(now.getTime());
    const sign = signature(timestamp, secrets.signSecret);
    conceal(sign);
    query.set('timestamp', timestamp);
    query.set('sign', sign);
  }
  url.search = query.toString();
  return url.href;
}

/** The robot's signature: an HMAC, keyed with the secret, over the timestamp and the secret. Valid for an hour. */
function signature(timestamp: string, signSecret: Secret): string {
  const secret = signSecret.reveal();
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
}
