import type { HttpReply } from '../../core/contract/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import type { codes } from './codes.ts';

type Code = keyof typeof codes;

/** A refusal that Loki tells by its text alone, and whom it is for. */
interface Refusal {
  readonly says: RegExp;
  readonly code: Code;
  readonly means: 'retry' | 'event' | 'destination';
  readonly afterMs?: number;
}

/**
 * The texts of Loki's refusals, as `pkg/validation/validate.go` and `pkg/ingester` have them, what concerns all events first: a reply
 * can hold several.
 */
const REFUSALS: readonly Refusal[] = [
  { says: /ingestion blocked/i, code: 'ingestion_blocked', means: 'retry', afterMs: 600_000 },
  { says: /no org id/i, code: 'tenant_missing', means: 'destination' },
  { says: /structured metadata, but this feature is disallowed/i, code: 'metadata_not_allowed', means: 'destination' },
  {
    says: /label names; limit|label name too long|duplicate label name|at least one label pair|Error parsing labels|missing required labels/i,
    code: 'labels_refused',
    means: 'destination',
  },
  { says: /per stream rate limit exceeded/i, code: 'stream_rate_limited', means: 'retry' },
  { says: /ingestion rate limit exceeded/i, code: 'rate_limited', means: 'retry' },
  // A stream ends after half an hour without entries.
  { says: /maximum active stream limit/i, code: 'stream_limit', means: 'retry', afterMs: 300_000 },
  { says: /timestamp too old/i, code: 'too_old', means: 'event' },
  { says: /entry too far behind|entry out of order/i, code: 'too_far_behind', means: 'event' },
  { says: /timestamp too new/i, code: 'too_new', means: 'event' },
  { says: /max entry size/i, code: 'line_too_long', means: 'event' },
  { says: /structured metadata too large|too many structured metadata/i, code: 'metadata_refused', means: 'event' },
  { says: /label value too long/i, code: 'label_value_too_long', means: 'event' },
];

/** Values of labels, which are texts of strangers. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** What became of a push. All that speak as Loki does answer a success with 204. */
export function pushOutcome(reply: HttpReply, now: Date): Outcome {
  const { status, body } = reply;
  const detail = `HTTP ${status}${excerpt(body)}`;
  const byStatus = classify(reply, now);
  const said = body.replaceAll(QUOTED, '');
  const refusal = status < 500 ? REFUSALS.find(({ says }) => says.test(said)) : undefined;
  if (refusal !== undefined) return outcomeOf(refusal, detail, byStatus);
  if (status === 413) return split('too_large', detail);
  return byStatus.status === 'delivered' && status !== 204 ? retry('unexpected_reply', detail) : byStatus;
}

function outcomeOf({ code, means, afterMs }: Refusal, detail: string, byStatus: Outcome): Outcome {
  if (means === 'event') return split(code, detail);
  if (means === 'destination') return rejected('destination', code, detail);
  const wanted = byStatus.status === 'retry' ? (byStatus.afterMs ?? afterMs) : afterMs;
  return retry(code, detail, wanted === undefined ? {} : { afterMs: wanted });
}
