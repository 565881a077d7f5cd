import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

/** Where it does not say when to come back. */
const RETRY_AFTER_MS = 60_000;

/** Errors of the trigger of a flow that are the destination's, by the code in the body. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['WorkflowTriggerIsNotEnabled', 'flow_off'],
  ['WorkflowNotFound', 'flow_gone'],
  ['TriggerInputSchemaMismatch', 'schema_mismatch'],
  ['DirectApiAuthorizationRequired', 'url_refused'],
]);

const reply = z.object({ error: z.object({ code: z.string(), message: z._default(z.string(), '') }) });

/** A reply of a flow: the code in its body decides, then its status. Connectors of old hide an error in a success. */
export function outcomeOf(answer: HttpReply, now: Date): Outcome {
  const { status, body } = answer;
  const error = parseReply(reply, body)?.error;
  const detail = `HTTP ${status}${excerpt(error ? `${error.code}: ${error.message}` : body)}`;
  const refusal = refusals.get(error?.code ?? '');
  if (refusal !== undefined) return rejected('destination', refusal, detail);
  if (error?.code === 'InvalidRequestContent') return split('message_refused', detail);
  const [, hidden] = /^Webhook message delivery failed[^]*?HTTP error (\d{3})/i.exec(body) ?? [];
  if (hidden === '413') return split('message_too_long', detail);
  if (hidden !== undefined)
    return retry(hidden === '429' ? 'throttled' : 'delivery_failed', detail, { afterMs: RETRY_AFTER_MS });
  const byStatus = classify(answer, now);
  if (byStatus.status === 'retry') return { ...byStatus, afterMs: byStatus.afterMs ?? RETRY_AFTER_MS };
  if (byStatus.status !== 'delivered') return byStatus;
  return error || body.trimStart().startsWith('<') ? retry('unreadable_reply', detail) : delivered;
}
