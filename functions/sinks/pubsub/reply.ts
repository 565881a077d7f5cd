import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

const failure = z.object({ error: z.object({ status: z.string(), message: z._default(z.string(), '') }) });
const published = z.object({ messageIds: z.array(z.string()) });

/** What Pub/Sub says of a request for so many messages, all of which it publishes or none. */
export function outcomeOf(reply: HttpReply, count: number, now: Date): Outcome {
  const error = parseReply(failure, reply.body)?.error;
  if (!error) return withoutError(reply, count, now);
  const detail = `HTTP ${reply.status} ${error.status}${excerpt(error.message)}`;
  switch (error.status) {
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return rejected('destination', 'access_denied', detail);
    case 'NOT_FOUND':
      return rejected('destination', 'topic_not_found', detail);
    case 'FAILED_PRECONDITION':
      return rejected('destination', 'project_refused', detail);
    case 'INVALID_ARGUMENT':
      return split('event_refused', detail);
    case 'RESOURCE_EXHAUSTED':
      return retry('throttled', detail);
    default:
      return retry('unavailable', detail);
  }
}

function withoutError(reply: HttpReply, count: number, now: Date): Outcome {
  if (reply.status === 413) return split('event_refused', 'HTTP 413');
  const outcome = classify(reply, now);
  if (outcome.status !== 'delivered') return outcome;
  const ids = parseReply(published, reply.body)?.messageIds;
  return ids?.length === count
    ? delivered
    : retry('unexpected_reply', `expected ${count} message ids, got ${ids?.length ?? 'none'}`);
}
