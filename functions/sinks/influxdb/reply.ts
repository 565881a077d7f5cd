import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { delivered, ofRequest, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';

const errorReply = z.object({ error: z.optional(z.string()), message: z.optional(z.string()) });

/** InfluxDB 3 with `accept_partial`: which lines were refused; all others are stored. */
const partialReply = z.object({
  data: z.array(z.object({ line_number: z.int(), error_message: z.string() })),
});
/** It lists no more lines than this. */
const MAX_LISTED = 100;

/**
 * The outcome of a write. Where the server refuses some lines without saying which, the parcel is split until the bad lines are
 * alone: writing a stored point again changes nothing.
 */
export function writeOutcome(reply: HttpReply, lines: readonly string[], now: Date): Outcome | readonly Outcome[] {
  const { status, body } = reply;
  if (status === 204) return delivered;
  if (status >= 200 && status < 300) return retry('unexpected_reply', `expected HTTP 204, got ${status}`);
  const refused = status === 400 ? refusedLines(body, lines) : undefined;
  if (refused) return lines.map((_, index) => refused.get(index + 1) ?? delivered);
  return requestOutcome(reply, now);
}

function refusedLines(body: string, lines: readonly string[]): ReadonlyMap<number, Outcome> | undefined {
  const data = parseReply(partialReply, body)?.data ?? [];
  // A text with a line break in it would make the count ambiguous.
  if (data.length === 0 || data.length >= MAX_LISTED || lines.some((text) => text.includes('\n'))) return undefined;
  if (data.some((entry) => entry.line_number < 1 || entry.line_number > lines.length)) return undefined;
  return new Map(data.map((entry) => [entry.line_number, lineRejected(400, entry.error_message)]));
}

function requestOutcome(reply: HttpReply, now: Date): Outcome {
  const { status, body } = reply;
  const { error, message } = parseReply(errorReply, body) ?? {};
  const reason = message ?? error ?? '';
  const detail = `HTTP ${status}${reason === '' ? '' : `: ${harmless(reason)}`}`;
  // InfluxDB 1 answers 500 to what no retry will mend.
  if (reason.startsWith('retention policy not found'))
    return rejected('destination', 'retention_policy_not_found', detail);
  // Said of the request, not of a line in it.
  if (status === 400 && /^please provide either orgID or org/i.test(reason))
    return rejected('destination', 'bucket_not_found', detail);
  switch (status) {
    case 400:
    case 422:
      return ofRequest(lineRejected(status, reason));
    case 401:
      return rejected('destination', 'wrong_credentials', detail);
    case 403:
      return rejected('destination', 'forbidden', detail);
    case 404:
      return rejected('destination', notFoundCode(reason), detail);
    case 413:
      return split('too_large', detail);
    default:
      return classify({ ...reply, body: harmless(reason) }, now);
  }
}

function notFoundCode(reason: string): string {
  if (/database/.test(reason)) return 'database_not_found';
  return /bucket|organization/.test(reason) ? 'bucket_not_found' : 'api_not_found';
}

function lineRejected(status: number, reason: string): Outcome {
  const detail = `HTTP ${status}: ${harmless(reason)}`;
  if (/field type conflict|invalid column type|already exists as/.test(reason))
    return rejected('event', 'field_conflict', detail);
  if (/beyond retention|outside of the retention/.test(reason)) return rejected('event', 'beyond_retention', detail);
  if (/max-series-per-database|max-values-per-tag|limit exceeded|exceed limit/.test(reason))
    return rejected('event', 'series_limit', detail);
  return rejected('event', 'line_rejected', detail);
}

/** A reason without the piece of the line that the server quotes in it. */
function harmless(reason: string): string {
  return reason.replaceAll(/'[^]*'|`[^]*`/g, '...');
}
