import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { retryAfterMs } from '../../core/contract/retry-after.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import type { codes } from './codes.ts';

const botReply = z.object({
  ok: z.boolean(),
  error_code: z.optional(z.number()),
  description: z._default(z.string(), ''),
  parameters: z.optional(z.object({ retry_after: z.optional(z.number()), migrate_to_chat_id: z.optional(z.number()) })),
});

/** A group takes 20 messages a minute, and says after how many seconds it takes the next. */
const THROTTLED_MS = 60_000;

/** What descriptions of HTTP 400 and 403 mean. They are compared without their "Bad Request: " and "Forbidden: ". */
const DESTINATIONS: readonly (readonly [RegExp, keyof typeof codes])[] = [
  [/^bot was (?:kicked|blocked)|^bot is not a member|^user is deactivated|^the group chat was deleted/i, 'bot_removed'],
  [
    /^chat not found|^message thread not found|TOPIC_(?:CLOSED|DELETED)|not enough rights|CHAT_(?:RESTRICTED|WRITE_FORBIDDEN|SEND_PLAIN_FORBIDDEN)|^have no rights|need administrator rights|^PEER_ID_INVALID/i,
    'chat_invalid',
  ],
];

/** What the Bot API's answer means: its body repeats the status, and says why. */
export function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const said = parseReply(botReply, reply.body);
  if (!said) {
    const outcome = classify(reply, now);
    return outcome.status === 'delivered' ? retry('unknown_error', 'the reply is not that of the Bot API') : outcome;
  }
  if (said.ok) return delivered;
  const { error_code: status = reply.status, description, parameters } = said;
  const detail = `${status} ${description}`;
  const reason = description.replace(/^[\w ]+: /, '');
  if (parameters?.migrate_to_chat_id !== undefined)
    return rejected('destination', 'chat_moved', `${detail}; its number is now ${parameters.migrate_to_chat_id}`);
  if (status === 429) {
    const header = retryAfterMs(reply.headers['retry-after'], now.getTime());
    const afterMs = parameters?.retry_after === undefined ? (header ?? THROTTLED_MS) : parameters.retry_after * 1000;
    return retry('throttled', detail, { afterMs });
  }
  if (status === 401 || status === 404 || status === 421) return rejected('destination', 'token_invalid', detail);
  const known = DESTINATIONS.find(([pattern]) => pattern.test(reason));
  if (known) return rejected('destination', known[1], detail);
  if (status === 403) return rejected('destination', 'bot_removed', detail);
  if (status === 400) return split('message_refused', detail);
  return retry('unknown_error', detail);
}
