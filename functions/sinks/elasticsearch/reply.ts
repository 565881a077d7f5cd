import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { delivered, rejected, retry, type Outcome } from '../../core/contract/outcome.ts';

const errorObject = z.object({ type: z.string(), reason: z.optional(z.nullable(z.string())) });
const itemResult = z.object({ status: z.number(), error: z.optional(errorObject) });
const bulkReply = z.object({ items: z.array(z.record(z.string(), itemResult)) });
const errorReply = z.object({ error: errorObject });

/** An error as the servers describe it, of a document or of a whole request. */
interface Failure {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
}

/** The outcomes of a bulk request that was answered 200, where each item has a status of its own. */
export function bulkOutcomes(body: unknown, length: number): Outcome | readonly Outcome[] {
  const parsed = z.safeParse(bulkReply, body);
  const items = parsed.success ? parsed.data.items.flatMap((item) => Object.values(item)) : [];
  if (items.length !== length) return retry('unexpected_reply', `expected a bulk reply with ${length} items`);
  return items.map(({ status, error }) =>
    status >= 200 && status < 300 ? delivered : itemOutcome(failureOf(status, error)),
  );
}

function failureOf(status: number, error: z.infer<typeof errorObject> | undefined): Failure {
  return { status, type: error?.type ?? '', reason: harmless(error?.reason ?? '') };
}

function itemOutcome(failure: Failure): Outcome {
  const { status, type, reason } = failure;
  // The version check: the document, or a newer one, is there already.
  if (type === 'version_conflict_engine_exception') return delivered;
  const detail = detailOf(failure);
  if (status === 413) return rejected('event', 'too_large', detail);
  const state = stateOf(failure);
  if (state) return state;
  if (status === 401) return rejected('destination', 'wrong_credentials', detail);
  if (status === 403) return rejected('destination', 'forbidden', detail);
  if (type === 'index_not_found_exception') return rejected('destination', 'index_not_found', detail);
  if (/pipeline with id \[.*\] does not exist/.test(reason))
    return rejected('destination', 'pipeline_not_found', detail);
  if (/data streams?\b|no write index/.test(reason)) return rejected('destination', 'wrong_index_type', detail);
  if (status === 400) return rejected('event', 'document_rejected', detail);
  // What the servers say of a document with any other status is about a shard that moves, starts or ends.
  return retry('unavailable', detail);
}

/**
 * The retry for a state that the cluster or an index is in, which passes or which somebody ends, so that documents wait for it;
 * undefined for all else. From ClusterBlockException and its kin in the sources of Elasticsearch and OpenSearch, and
 * https://repost.aws/knowledge-center/opensearch-403-clusterblockexception.
 */
function stateOf(failure: Failure): Outcome | undefined {
  const { status, type, reason } = failure;
  const detail = detailOf(failure);
  if (type === 'index_create_block_exception') return retry('disk_full', detail);
  if (type === 'cluster_block_exception') return retry(blockCode(reason), detail);
  if (type === 'index_closed_exception') return retry('index_blocked', detail);
  if (/maximum [\w ]*shards open/.test(reason)) return retry('shard_limit', detail);
  if (status === 429 || /^(circuit_breaking|\w*rejected_execution)_exception$/.test(type))
    return retry('throttled', detail);
  return status >= 500 ? retry('unavailable', detail) : undefined;
}

/** Blocks are numbered alike in all versions: `index [a] blocked by: [FORBIDDEN/8/index write (api)];` */
function blockCode(reason: string): string {
  const blocks = [...reason.matchAll(/\[[A-Z_]+\/(\d+)\//g)].map(([, id]) => Number(id));
  const has = (...ids: readonly number[]): boolean => ids.some((id) => blocks.includes(id));
  // Of a node above a disk watermark: 12 on its indices (status 403, in later versions 429), 10 on new ones.
  if (has(10, 12)) return 'disk_full';
  // Of the cluster as a whole: read-only, with or without deleting.
  if (has(6, 13)) return 'cluster_blocked';
  // No state yet, no elected master, an index that cannot be refreshed yet.
  return has(1, 2, 14) ? 'unavailable' : 'index_blocked';
}

function detailOf({ status, type, reason }: Failure): string {
  return `HTTP ${status} ${type}: ${reason}`;
}

/** A reason without the piece of the document that the server quotes in it. */
function harmless(reason: string): string {
  return reason.replace(/[,.]? (Preview of field's value|The prefix of the first immense term)[^]*$/, '').slice(0, 400);
}

/** The outcome of a bulk request that was refused as a whole. */
export function requestOutcome(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status !== 'rejected' && outcome.status !== 'split') return outcome;
  const state = stateOf(failureOf(reply.status, parseReply(errorReply, reply.body)?.error));
  if (state) return state;
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
