import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { discordMessage } from './message.ts';
import { outcomeOf } from './reply.ts';

/** Without a version, Discord takes a URL for one of v6, which counts waits in milliseconds and explains refusals in another form. */
const VERSION = 10;

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
  async send({ payload }, _client, { http, now, options: { threadId }, secrets, conceal }) {
    const query = new URLSearchParams({ wait: 'true', ...(threadId !== undefined && { thread_id: threadId }) });
    const url = versioned(secrets.webhookUrl.reveal());
    // With the version it is another text than the secret.
    conceal(new URL(url).pathname);
    const reply = await http({
      method: 'POST',
      url: `${url}?${query.toString()}`,
      headers: { 'Content-Type': 'application/json' },
      body: toJson(payload),
    });
    return outcomeOf(reply, now(), threadId !== undefined);
  },
});

/** `/api/webhooks/ID/TOKEN`, with or without a version behind the first part. */
function versioned(webhookUrl: string): string {
  const { origin, pathname } = new URL(webhookUrl);
  const parts = pathname.split('/').filter(Boolean);
  return [origin, parts[0], `v${VERSION}`, ...parts.slice(-3)].join('/');
}
