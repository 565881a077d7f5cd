import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { delivered, rejected, retry, type Outcome } from '../../core/contract/outcome.ts';

const itemReply = z.object({ status: z.int(), error: z.optional(z.string()) });
const batchReply = z.array(itemReply);

const BLOCKED_RETRY_MS = 600_000;

/** The outcomes of a batch: Honeycomb answers 200 with a status for each event, in their order. */
export function batchOutcomes(reply: HttpReply, length: number, now: Date): Outcome | readonly Outcome[] {
  if (reply.status !== 200) return requestOutcome(reply, now);
  const items = parseReply(batchReply, reply.body);
  if (items?.length !== length) return retry('unexpected_reply', `expected a status for each event (${length})`);
  return items.map(itemOutcome);
}

function itemOutcome({ status, error = '' }: z.infer<typeof itemReply>): Outcome {
  const detail = `status ${status}: ${error}`;
  if (status >= 200 && status < 300) return delivered;
  if (status === 429) return retry('throttled', detail);
  if (status === 403) return retry('blocked', detail, { afterMs: BLOCKED_RETRY_MS });
  if (status === 401) return rejected('destination', 'wrong_credentials', detail);
  if (status >= 400 && status < 500) return rejected('event', 'event_rejected', detail);
  return retry('unavailable', detail);
}

function requestOutcome(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status === 'delivered') return retry('unexpected_reply', `expected HTTP 200, got ${reply.status}`);
  if (outcome.status === 'retry') return outcome;
  switch (reply.status) {
    case 401:
      return { ...outcome, code: 'wrong_credentials' };
    case 403:
      return retry('blocked', outcome.detail, { afterMs: BLOCKED_RETRY_MS });
    case 404:
      return { ...outcome, code: 'dataset_not_found' };
    case 413:
      return { ...outcome, code: 'too_large' };
    default:
      return outcome;
  }
}
