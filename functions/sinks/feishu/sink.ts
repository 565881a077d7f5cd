import { createHmac } from 'node:crypto';
import { laidOut } from '../../core/chat/message.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { cardLayout } from './card.ts';
import { config } from './config.ts';
import { outcomeOf } from './errors.ts';

/** A bot may send 100 a minute and 5 a second; an invocation can send several at once. */
const MESSAGES_PER_MINUTE = 60;

/** Cards of a group's custom bot, one per batch. */
export const sink = defineSink({
  config,
  pace(_options, { webhookUrl }) {
    const bot = fingerprint(webhookUrl.reveal());
    return { key: `feishu:${bot}`, perMinute: MESSAGES_PER_MINUTE };
  },
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: laidOut(events, options, cardLayout(options)) }];
  },
  async send({ payload }, _client, { http, now, secrets, conceal }) {
    const at = now();
    const signed = secrets.signSecret && signature(at, secrets.signSecret);
    if (signed) conceal(signed.sign);
    const reply = await http({
      method: 'POST',
      url: secrets.webhookUrl.reveal(),
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: toJson({ ...signed, ...payload }),
    });
    return outcomeOf(reply, at);
  },
});

/** An HMAC over nothing, keyed with the timestamp in seconds and the secret. Valid for an hour. */
function signature(now: Date, secret: Secret): { readonly timestamp: string; readonly sign: string } {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret.reveal()}`).digest('base64') };
}
