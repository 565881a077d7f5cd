import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

/** Older versions say `StatusCode` alone when they have taken a message. */
const feishuReply = z.object({
  code: z.optional(z.number()),
  StatusCode: z.optional(z.number()),
  msg: z._default(z.string(), ''),
});

/** The limits are per minute, and the handler never waits less than five seconds. */
const THROTTLED_AFTER_MS = 60_000;

const THROTTLED: ReadonlySet<number> = new Set([11232, 99991400]);

/** From "Custom bot usage guide" and the server error codes of Feishu's open platform; 19001, 19002 and 19007 from public reports. */
const destinationCodes: ReadonlyMap<number, string> = new Map([
  [19001, 'webhook_unknown'],
  [19007, 'bot_disabled'],
  [19021, 'sign_mismatch'],
  [19022, 'ip_not_allowed'],
  [19024, 'keyword_missing'],
]);

const messageCodes: ReadonlyMap<number, string> = new Map([
  [9499, 'request_invalid'],
  [19002, 'request_invalid'],
  [11246, 'card_refused'],
]);

/**
 * The code in the body decides, beside whatever status: Feishu answers 200 to most refusals, and does not say which status stands
 * beside the others. A code that is not known is retried under 200, else the status decides.
 */
export function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const byStatus = classify(reply, now);
  const { StatusCode, code = StatusCode, msg = '' } = parseReply(feishuReply, reply.body) ?? {};
  if (reply.status === 429 || (code !== undefined && THROTTLED.has(code)))
    return retry('throttled', code === undefined ? `HTTP ${reply.status}` : `code ${code}${excerpt(msg)}`, {
      afterMs: waitOf(reply),
    });
  const isSuccess = byStatus.status === 'delivered';
  if (code === undefined)
    return isSuccess ? retry('unreadable_reply', `the reply is not JSON with a code${excerpt(reply.body)}`) : byStatus;
  if (code === 0) return isSuccess ? delivered : byStatus;
  return refusal(code, msg) ?? (isSuccess ? retry('unknown_code', `code ${code}${excerpt(msg)}`) : byStatus);
}

function refusal(code: number, msg: string): Outcome | undefined {
  const detail = `code ${code}${excerpt(msg)}`;
  const ofDestination = destinationCodes.get(code);
  if (ofDestination !== undefined) return rejected('destination', ofDestination, detail);
  const ofMessage = messageCodes.get(code) ?? (/ErrCode: ?113|\bcard\b/i.test(msg) ? 'card_refused' : undefined);
  return ofMessage === undefined ? undefined : split(ofMessage, detail);
}

/** The gateway says in seconds when its limit ends. */
function waitOf({ headers }: HttpReply): number {
  const seconds = Number(headers['x-ogw-ratelimit-reset']);
  return seconds > 0 && seconds <= 3600 ? seconds * 1000 : THROTTLED_AFTER_MS;
}
