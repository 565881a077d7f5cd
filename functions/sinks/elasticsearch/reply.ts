import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { delivered, rejected, retry, type Outcome } from '../../core/contract/outcome.ts';

const itemResult = z.object({
  status: z.number(),
  error: z.optional(z.object({ type: z.string(), reason: z.optional(z.nullable(z.string())) })),
});
const bulkReply = z.object({ items: z.array(z.record(z.string(), itemResult)) });

type ItemResult = z.infer<typeof itemResult>;

/** The outcomes of a bulk request that was answered 200, where each item has a status of its own. */
export function bulkOutcomes(body: unknown, length: number): Outcome | readonly Outcome[] {
  const parsed = z.safeParse(bulkReply, body);
  const items = parsed.success ? parsed.data.items.flatMap((item) => Object.values(item)) : [];
  if (items.length !== length) return retry('unexpected_reply', `expected a bulk reply with ${length} items`);
  return items.map(itemOutcome);
}

function itemOutcome(item: ItemResult): Outcome {
  const { status } = item;
  // 409 is the version check: the document, or a newer one, is there already.
  if ((status >= 200 && status < 300) || status === 409) return delivered;
  const type = item.error?.type ?? '';
  const detail = `HTTP ${status} ${type}: ${harmless(item.error?.reason ?? '')}`;
  // Older versions answer a flooded disk with 403, newer ones with 429; block 12 is what both name.
  if (type === 'cluster_block_exception' && detail.includes('/12/')) return retry('disk_full', detail);
  if (/maximum [\w ]*shards open/.test(detail)) return retry('shard_limit', detail);
  if (status === 429) return retry('throttled', detail);
  if (status >= 500) return retry('unavailable', detail);
  if (status === 401) return rejected('destination', 'wrong_credentials', detail);
  if (status === 404) return rejected('destination', 'index_not_found', detail);
  if (['cluster_block_exception', 'index_closed_exception'].includes(type))
    return rejected('destination', 'index_blocked', detail);
  if (status === 403) return rejected('destination', 'forbidden', detail);
  if (/pipeline with id \[.*\] does not exist/.test(detail))
    return rejected('destination', 'pipeline_not_found', detail);
  if (/data streams?\b|no write index/.test(detail)) return rejected('destination', 'wrong_index_type', detail);
  return rejected('event', 'document_rejected', detail);
}

/** A reason without the piece of the document that the server quotes in it. */
function harmless(reason: string): string {
  return reason.replace(/[,.]? (Preview of field's value|The prefix of the first immense term)[^]*$/, '').slice(0, 400);
}

/** The outcome of a bulk request that was refused as a whole. */
export function requestOutcome(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status !== 'rejected' && outcome.status !== 'split') return outcome;
  switch (reply.status) {
    case 401:
      return { ...outcome, code: 'wrong_credentials' };
    case 403:
      return { ...outcome, code: 'forbidden' };
    case 413:
      return { ...outcome, code: 'too_large' };
    default:
      return outcome;
  }
}
