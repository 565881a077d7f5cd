import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { delivered, ofRequest, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';

const entryReply = z.object({ ErrorCode: z.nullish(z.string()), ErrorMessage: z.nullish(z.string()) });
const putReply = z.object({ FailedEntryCount: z.int(), EntryList: z._default(z.array(entryReply), []) });
const errorReply = z.object({ code: z.string(), message: z.nullish(z.string()) });

/** The outcomes of PutEvents: HTTP 200 only says that each entry has an answer of its own. */
export function putEventsOutcomes(reply: HttpReply, length: number, now: Date): Outcome | readonly Outcome[] {
  const result = reply.status === 200 ? parseReply(putReply, reply.body) : undefined;
  if (!result) return requestOutcome(reply, now);
  if (result.FailedEntryCount === 0) return delivered;
  if (result.EntryList.length !== length)
    return retry('unexpected_reply', `expected an entry for each event (${length})`);
  return result.EntryList.map(({ ErrorCode, ErrorMessage }) => {
    if (!ErrorCode) return delivered;
    const detail = `${ErrorCode}: ${ErrorMessage ?? ''}`;
    return outcomeOf(ErrorCode, detail) ?? retry('entry_failed', detail);
  });
}

function requestOutcome(reply: HttpReply, now: Date): Outcome {
  const error = parseReply(errorReply, reply.body);
  const outcome = classify(reply, now);
  if (!error) return outcome.status === 'delivered' ? notPutEvents : outcome;
  const detail = `HTTP ${reply.status} ${error.code}: ${error.message ?? ''}`;
  const known = outcomeOf(error.code, detail);
  if (known) return ofRequest(known);
  if (reply.status === 401 || reply.status === 403) return rejected('destination', 'forbidden', detail);
  if (reply.status === 400 || reply.status === 413) return split('event_rejected', detail);
  return outcome.status === 'delivered' ? notPutEvents : { ...outcome, detail };
}

const notPutEvents = retry('unexpected_reply', 'expected FailedEntryCount and EntryList');

/** What a code means, wherever it stands. https://www.alibabacloud.com/help/en/eventbridge/latest/error-codes */
function outcomeOf(code: string, detail: string): Outcome | undefined {
  switch (code) {
    case 'InvalidAccessKeyId':
    case 'InvalidStsAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'SecurityTokenInvalid':
      return rejected('destination', 'wrong_credentials', detail);
    case 'StsAccessIdExpired':
      return rejected('destination', 'token_expired', detail);
    case 'AccountIdNotExist':
    case 'ParentAccountNotExist':
      return rejected('destination', 'account_not_found', detail);
    case 'AccessDenied':
    case 'AccessDeniedByPreCheck':
    case 'AccessDeniedForInternalRegion':
    case 'ServiceAccessDenied':
      return rejected('destination', 'forbidden', detail);
    case 'TooManyRequests':
      return retry('throttled', detail);
    default:
      break;
  }
  if (/^EventBus(Name)?Not(Exist|Found)/.test(code)) return rejected('destination', 'bus_not_found', detail);
  if (/^Invalid|TooLarge|Exceed|IllegalArgument/.test(code)) return rejected('event', 'event_rejected', detail);
  return undefined;
}
