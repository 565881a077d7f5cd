import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { discordMessage } from './message.ts';
import { outcomeOf } from './reply.ts';

/** A message of a webhook for each batch. It waits for Discord to keep the message: without that, one that is not kept is no error. */
export const sink = defineSink({
  config,
  // A channel takes 30 a minute, of all its webhooks together.
  pace: (_options, { webhookUrl }) => ({
    key: `discord:${fingerprint(webhookUrl.reveal())}`,
    perMinute: 30,
  }),
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: discordMessage(events, options) }];
  },
  async send({ payload }, _client, { http, now, options: { threadId }, secrets }) {
    const query = new URLSearchParams({ wait: 'true', ...(threadId !== undefined && { thread_id: threadId }) });
    const reply = await http({
      method: 'POST',
      url: `${secrets.webhookUrl.reveal().replace(/\/$/, '')}?${query.toString()}`,
      headers: { 'Content-Type': 'application/json' },
      body: toJson(payload),
    });
    return outcomeOf(reply, now());
  },
});
