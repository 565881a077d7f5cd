import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

const collectorReply = z.object({
  text: z._default(z.string(), ''),
  code: z.int(),
  'invalid-event-number': z.optional(z.int()),
});

/** Codes of the collector's answers: Splunk documentation, "Troubleshoot HTTP Event Collector" (possible error codes). */
const TOKEN = new Set([1, 2, 3, 4, 21, 22]);
const SETTINGS = new Set([7, 10, 11, 14, 16]);
const EVENT = new Set([5, 6, 12, 13, 15]);
const BUSY = new Set([8, 9, 17, 18, 19, 20, 23]);

/** What the collector says of so many events. Those before the one that it names are stored; those after it are not looked at. */
export function outcomesOf(reply: HttpReply, count: number, now: Date): Outcome | readonly Outcome[] {
  const said = parseReply(collectorReply, reply.body);
  if (!said) {
    const outcome = classify(reply, now);
    return outcome.status === 'delivered'
      ? retry('unexpected_reply', `the reply is not the collector's${excerpt(reply.body)}`)
      : outcome;
  }
  const { code, text, 'invalid-event-number': named } = said;
  const detail = `HTTP ${reply.status} code ${code}: ${text}`;
  if (code === 0 && reply.status === 200) return delivered;
  if (TOKEN.has(code)) return rejected('destination', 'token_refused', detail);
  if (SETTINGS.has(code)) return rejected('destination', 'settings_refused', detail);
  const isBusy = BUSY.has(code);
  if (!isBusy && !EVENT.has(code)) return byStatus(reply, detail, now);
  const busy = retry('busy', detail);
  if (named === undefined || named < 0 || named >= count) return isBusy ? busy : split('event_refused', detail);
  return Array.from({ length: count }, (_, index): Outcome => {
    if (index < named) return delivered;
    if (isBusy) return busy;
    return index === named ? rejected('event', 'event_refused', detail) : retry('not_reached', detail);
  });
}

/** A code of a later release, such as 27 with HTTP 413: its status says whether to come back, to send less, or to repair the destination. */
function byStatus(reply: HttpReply, detail: string, now: Date): Outcome {
  const outcome = classify(reply, now);
  return outcome.status === 'delivered' ? retry('unexpected_reply', detail) : outcome;
}
