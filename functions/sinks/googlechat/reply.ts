import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

const message = z.object({ name: z.string() });
const failure = z.object({ error: z.object({ status: z.string(), message: z._default(z.string(), '') }) });

/** A space is open again when its minute is over. */
const THROTTLED_MS = 60_000;

/** What Google Chat's answer means: an error names a status in its body. */
export function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const error = parseReply(failure, reply.body)?.error;
  const detail = `HTTP ${reply.status} ${error?.status}: ${error?.message}`;
  switch (error?.status) {
    case 'RESOURCE_EXHAUSTED':
      return retry('throttled', detail, { afterMs: THROTTLED_MS });
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return rejected('destination', 'webhook_invalid', detail);
    case 'NOT_FOUND':
      return rejected('destination', 'webhook_gone', detail);
    case 'INVALID_ARGUMENT':
      return split('message_refused', detail);
    case 'INTERNAL':
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
    case 'ABORTED':
      return retry('service_failed', detail);
    default:
      return withoutError(reply, now);
  }
}

function withoutError(reply: HttpReply, now: Date): Outcome {
  if (reply.status === 429) return retry('throttled', 'HTTP 429', { afterMs: THROTTLED_MS });
  const outcome = classify(reply, now);
  if (outcome.status !== 'delivered' || parseReply(message, reply.body)) return outcome;
  return retry('unreadable_reply', `the reply is no message${excerpt(reply.body)}`);
}
