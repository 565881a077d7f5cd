import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import type { codes } from './codes.ts';

type Code = keyof typeof codes;

const refusal = z.object({
  __type: z.optional(z.string()),
  message: z.optional(z.string()),
  Message: z.optional(z.string()),
});

/** Amazon SES lets a rate that was exceeded be tried soon, and a used up quota later ("up to 10 minutes"). */
const RATE_MS = 30_000;
const QUOTA_MS = 600_000;

const DESTINATION_CODES: Readonly<Record<string, Code>> = {
  AccountSuspendedException: 'sending_paused',
  SendingPausedException: 'sending_paused',
  MailFromDomainNotVerifiedException: 'sender_not_verified',
  NotFoundException: 'configuration_set_not_found',
  AccessDeniedException: 'not_allowed',
  AccessDenied: 'not_allowed',
  SignatureDoesNotMatch: 'not_allowed',
  InvalidSignatureException: 'not_allowed',
  UnrecognizedClientException: 'not_allowed',
  MissingAuthenticationTokenException: 'not_allowed',
};

/** A rate and a quota are told apart by the text alone. */
const LIMITS = new Set(['TooManyRequestsException', 'ThrottlingException', 'LimitExceededException']);

const EXPIRED = new Set(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'RequestTimeTooSkewed']);

/** What Amazon SES' answer means. It names an error in `x-amzn-errortype`, or in the body. */
export function outcomeOf(reply: HttpReply, now: Date): Outcome {
  if (reply.status >= 200 && reply.status < 300) return delivered;
  const said = parseReply(refusal, reply.body);
  const name = /(\w+)(?::.*)?$/.exec(reply.headers['x-amzn-errortype'] ?? said?.__type ?? '')?.[1] ?? '';
  const text = said?.message ?? said?.Message ?? '';
  const detail = [name, text].filter(Boolean).join(': ');
  if (LIMITS.has(name)) {
    return /daily|quota/i.test(text) || name === 'LimitExceededException'
      ? retry('daily_quota', detail, { afterMs: QUOTA_MS })
      : retry('throttled', detail, { afterMs: RATE_MS });
  }
  if (EXPIRED.has(name) || /^signature (expired|not yet current)/i.test(text))
    return retry('credentials_expired', detail);
  const code = DESTINATION_CODES[name];
  if (code) return rejected('destination', code, detail);
  if (name === 'MessageRejected') {
    return /not verified/i.test(text)
      ? rejected('destination', 'sender_not_verified', detail)
      : split('message_refused', detail);
  }
  if (name === 'BadRequestException') {
    return /address|domain|recipient|destination/i.test(text)
      ? rejected('destination', 'address_refused', detail)
      : split('message_refused', detail);
  }
  return classify(reply, now);
}
