import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { classify } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';

const errorReply = z.object({ errorCode: z.string(), errorMessage: z._default(z.string(), '') });

/** The outcome of PutLogs, which takes a group as a whole or not at all. Statuses alone mislead: a 403 may be a quota. */
export function putLogsOutcome(reply: HttpReply, now: Date): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) {
    return reply.headers['x-log-requestid'] ? delivered : retry('unexpected_reply', 'the reply has no x-log-requestid');
  }
  const error = parseReply(errorReply, reply.body);
  if (!error) return classify(reply, now);
  const { errorCode, errorMessage } = error;
  const detail = `HTTP ${status} ${errorCode}: ${errorMessage}`;
  if (/QuotaExceed/.test(errorCode) || (status === 403 && /(quota|qps) exceed/i.test(errorMessage)))
    return retry('quota_exceeded', detail);
  switch (errorCode) {
    case 'RequestTimeExpired':
    case 'RequestTimeTooSkewed':
      return retry('clock_skew', detail);
    case 'SecurityTokenExpired':
      return rejected('destination', 'token_expired', detail);
    case 'ProjectNotExist':
      return rejected('destination', 'project_not_found', detail);
    case 'LogStoreNotExist':
      return rejected('destination', 'logstore_not_found', detail);
    case 'PostBodyTooLarge':
      return split('too_large', detail);
    case 'Unauthorized':
      return rejected('destination', unauthorizedCode(errorMessage), detail);
    default:
      break;
  }
  if (status === 401) return rejected('destination', 'wrong_credentials', detail);
  if (status === 403) return rejected('destination', 'forbidden', detail);
  if (status === 413) return split('too_large', detail);
  if (status === 400) return split('log_rejected', detail);
  if (status === 503) return retry('server_busy', detail);
  return classify({ ...reply, body: `${errorCode}: ${errorMessage}` }, now);
}

/** One code of SLS for three things that need different repairs. */
function unauthorizedCode(message: string): string {
  if (/expired/i.test(message)) return 'token_expired';
  return /denied|unauthorized|not authorized/i.test(message) ? 'forbidden' : 'wrong_credentials';
}
