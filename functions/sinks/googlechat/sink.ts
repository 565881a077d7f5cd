import { defineSink } from '../../core/contract/sink.ts';
import { toJson } from '../../core/kit/json.ts';
import { config, WEBHOOK } from './config.ts';
import { googleChatMessage } from './message.ts';
import { outcomeOf } from './reply.ts';

/** Messages of a webhook in a space, one per batch. */
export const sink = defineSink({
  config,
  // A space takes 60 a minute of all its apps together: half of that is left to the others. Its name is no secret.
  pace: (_options, { webhookUrl }) => ({
    key: `googlechat:${WEBHOOK.exec(webhookUrl.reveal())?.[1]}`,
    perMinute: 30,
  }),
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: googleChatMessage(events, options) }];
  },
  async send({ payload }, _client, { http, now, secrets }) {
    const url = secrets.webhookUrl.reveal();
    const reply = await http({
      method: 'POST',
      url: payload.thread ? `${url}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD` : url,
      headers: { 'Content-Type': 'application/json; charset=UTF-8' },
      body: toJson(payload),
    });
    return outcomeOf(reply, now());
  },
});
