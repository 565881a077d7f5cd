import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { retryAfterMs } from '../../core/contract/retry-after.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import type { codes } from './codes.ts';

const refusal = z.object({
  code: z.optional(z.number()),
  message: z._default(z.string(), ''),
  retry_after: z.optional(z.number()),
});

const THROTTLED_MS = 60_000;
/** Cloudflare refuses an address for ten minutes. */
const BLOCKED_MS = 600_000;

/** Of the webhook, or the thread that it is to write into. */
const UNKNOWN_CHANNEL = 10_003;

type Meaning = keyof typeof codes;

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [UNKNOWN_CHANNEL, 'webhook_gone'],
  [10_015, 'webhook_gone'],
  [40_001, 'webhook_gone'],
  [50_027, 'webhook_gone'],
  [50_001, 'not_allowed'],
  [50_013, 'not_allowed'],
  [40_067, 'thread_invalid'],
  [50_083, 'thread_invalid'],
  [160_005, 'thread_invalid'],
  [160_006, 'thread_invalid'],
  [220_001, 'thread_invalid'],
  [220_002, 'thread_invalid'],
  [220_003, 'thread_invalid'],
  [220_004, 'thread_invalid'],
  [50_008, 'not_allowed'],
  [50_024, 'not_allowed'],
  [50_068, 'not_allowed'],
  [50_095, 'not_allowed'],
  [40_058, 'thread_invalid'],
  [200_000, 'message_refused'],
  [240_000, 'message_refused'],
  [40_005, 'message_refused'],
  [50_006, 'message_refused'],
  [50_035, 'message_refused'],
  [50_109, 'message_refused'],
  [20_016, 'throttled'],
  [20_028, 'throttled'],
  [20_029, 'throttled'],
  [40_004, 'service_failed'],
  [130_000, 'service_failed'],
]);

/** What Discord's answer means: the code in its body decides. A 429 or 403 without one is Cloudflare's. */
export function outcomeOf(reply: HttpReply, now: Date, isInThread = false): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return delivered;
  const said = parseReply(refusal, reply.body);
  if (!said) {
    if (status === 429 || status === 403)
      return retry('blocked', `HTTP ${status}, without an answer of Discord`, { afterMs: BLOCKED_MS });
    return classify(reply, now);
  }
  const { code = 0, message, retry_after: seconds } = said;
  const detail = `HTTP ${status} code ${code}: ${message}`;
  const meaning = code === UNKNOWN_CHANNEL && isInThread ? 'thread_invalid' : MEANINGS.get(code);
  if (status === 429 || meaning === 'throttled') {
    const header = retryAfterMs(reply.headers['retry-after'], now.getTime());
    return retry('throttled', detail, {
      afterMs: seconds === undefined ? (header ?? THROTTLED_MS) : Math.ceil(seconds * 1000),
    });
  }
  if (meaning === 'service_failed') return retry(meaning, detail);
  if (meaning === 'message_refused') return split(meaning, detail);
  if (meaning) return rejected('destination', meaning, detail);
  if (status === 401 || status === 404) return rejected('destination', 'webhook_gone', detail);
  return status >= 500 || code !== 0 ? retry('unknown_error', detail) : classify(reply, now);
}
