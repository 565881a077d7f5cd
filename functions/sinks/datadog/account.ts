import * as z from 'zod/mini';
import { field, secret, type Codes } from '../../core/contract/config.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify } from '../../core/kit/http.ts';

/* What Datadog's intakes, of logs and of events, have in common. */

const SITE = /^(?:(?:us3|us5|ap1|ap2|uk1)\.datadoghq\.com|datadoghq\.com|datadoghq\.eu|(?:us2\.)?ddog-gov\.com)$/;

export const site = field(
  z._default(
    z
      .string()
      .check(z.regex(SITE, 'expected a site of Datadog such as datadoghq.com, datadoghq.eu or us5.datadoghq.com')),
    'datadoghq.com',
  ),
  'The site of the account.',
  'datadoghq.eu',
);

/** Datadog keeps letters, digits and `_ - : . /`, in lower case, 200 characters. */
const tag = () =>
  z.string().check(z.regex(/^[a-z][a-z0-9_:./-]{0,199}$/, 'expected a tag such as env:prod, in lower case'));

export function tagsField(what: 'log' | 'event'): z.ZodMiniDefault<z.ZodMiniArray<z.ZodMiniString>> {
  return field(
    z._default(z.array(tag()).check(z.maxLength(20)), []),
    `Tags of every ${what}, beside those of the Kubernetes event.`,
    ['env:prod'],
  );
}

export const apiKey = field(
  secret(),
  'An API key of the organization; not an application key.',
  '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
);

/** What {@link outcomeOf} says. */
export function codesFor(what: 'log' | 'event'): Codes {
  return {
    key_refused: {
      status: 'rejected',
      meaning: `The API key is unknown to this site, or may not send ${what}s (HTTP 401, 403).`,
      advice: 'Put an API key into the secret `apiKey`, and see that `site` is that of its organization. Then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: `Datadog did not accept the ${what} (HTTP 400, 413).`,
      advice: 'Look at the event; report it to this project with the detail.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not the 202 of Datadog.',
      advice: 'Check that `endpoint` leads to Datadog and not to a proxy or a login page.',
    },
  };
}

const HOUR_MS = 3_600_000;
/** Datadog takes what has a time of the last 18 hours, or of the next two. An hour of each is left to clocks and waiting. */
const TAKEN = { past: 17 * HOUR_MS, future: HOUR_MS };

/** Whether Datadog takes what happened then with its time. What it does not take it drops, after a 202. */
export function takesTime(at: number, now: Date): boolean {
  const age = now.getTime() - at;
  return age < TAKEN.past && age > -TAKEN.future;
}

export function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const outcome = classify(reply, now);
  if (outcome.status === 'delivered')
    return reply.status === 202 ? outcome : retry('unexpected_reply', `HTTP ${reply.status}, expected 202`);
  if (outcome.status === 'retry') return outcome;
  if (reply.status === 401 || reply.status === 403) return rejected('destination', 'key_refused', outcome.detail);
  if (reply.status === 400 || reply.status === 413) return split('event_refused', outcome.detail);
  return outcome;
}
