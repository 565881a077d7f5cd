import type { HttpReply } from '../../core/contract/http.ts';
import { rejected, retry, type Outcome } from '../../core/contract/outcome.ts';
import { retryAfterMs } from '../../core/contract/retry-after.ts';
import { isRecord } from '../../core/contract/untrusted.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { compilePatterns } from '../../core/kit/pattern.ts';

type Value = string | number | boolean;
type Values = Value | readonly Value[];

/** What the replies of a service mean, as the option `reply` says it. */
export interface ReplyRules {
  readonly field?: string | undefined;
  readonly success: Values;
  readonly throttled?: Values | undefined;
  readonly rejected?: Values | undefined;
}

/** A robot that refuses for ten minutes is outlasted by the eight receives there are; a minute apart it would not be. */
const THROTTLED_AFTER_MS = 120_000;

/**
 * The outcome of a reply: by what the rules say of its body, whatever the status; else by the status, where a 2xx is a success only
 * with a body that the rules call one. Without rules the status alone decides.
 */
export function replyReader(rules: ReplyRules | undefined): (reply: HttpReply, now: Date) => Outcome {
  if (rules === undefined) return classify;
  const { field } = rules;
  const isSuccess = matcher(rules.success);
  const isThrottled = matcher(rules.throttled);
  const isRejected = matcher(rules.rejected);
  return (reply, now) => {
    const value = field === undefined ? reply.body.trim() : fieldOf(reply.body, field.split('.'));
    const said = field === undefined || value === undefined ? '' : `, ${field} ${value.slice(0, 100)}`;
    const detail = `HTTP ${reply.status}${said}${excerpt(reply.body)}`;
    if (isThrottled(value)) {
      const askedMs = retryAfterMs(reply.headers['retry-after'], now.getTime()) ?? 0;
      return retry('throttled', detail, { afterMs: Math.max(THROTTLED_AFTER_MS, askedMs) });
    }
    if (isRejected(value)) return rejected('destination', 'refused', detail);
    const outcome = classify(reply, now);
    return outcome.status === 'delivered' && !isSuccess(value) ? retry('not_accepted', detail) : outcome;
  };
}

function matcher(values: Values | undefined): (value: string | undefined) => boolean {
  if (values === undefined) return () => false;
  const fits = compilePatterns([values].flat().map(String));
  return (value) => value !== undefined && fits(value);
}

/** A field of a JSON reply as text; undefined where it has none, or one that is neither text, number nor truth value. */
function fieldOf(body: string, path: readonly string[]): string | undefined {
  let value: unknown = parsed(body);
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
