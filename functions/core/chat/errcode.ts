import * as z from 'zod/mini';
import type { Codes } from '../contract/config.ts';
import type { HttpReply } from '../contract/http.ts';
import { classify, excerpt } from '../kit/http.ts';
import { parseReply } from '../kit/json.ts';
import { delivered, rejected, retry, split, type Outcome } from '../contract/outcome.ts';

/**
 * What an `errcode` in a reply means. `split`: the message is refused for its text, which may be that of one event in it;
 * `rejected`: the destination is refused.
 */
export type ErrcodeMeaning =
  | { readonly code: string; readonly status: 'retry'; readonly afterMs?: number }
  | { readonly code: string; readonly status: 'split' | 'rejected' };

/** The reply of services that answer HTTP 200 to everything and put the truth into `errcode`. */
const errcodeReply = z.object({ errcode: z.number(), errmsg: z._default(z.string(), '') });

/** The outcome of a reply: by its HTTP status where that is no success, else by its `errcode`. Unknown codes are retried. */
export function classifyErrcode(
  reply: HttpReply,
  now: Date,
  meaningOf: (errcode: number, errmsg: string) => ErrcodeMeaning | undefined,
): Outcome {
  const byStatus = classify(reply, now);
  if (byStatus.status !== 'delivered') return byStatus;
  const parsed = parseReply(errcodeReply, reply.body);
  if (!parsed) return retry('unreadable_reply', `the reply is not JSON with an errcode${excerpt(reply.body)}`);
  const { errcode, errmsg } = parsed;
  if (errcode === 0) return delivered;
  const detail = `errcode ${errcode}${excerpt(errmsg)}`;
  const meaning = meaningOf(errcode, errmsg);
  if (!meaning) return retry('unknown_errcode', detail);
  switch (meaning.status) {
    case 'split':
      return split(meaning.code, detail);
    case 'rejected':
      return rejected('destination', meaning.code, detail);
    case 'retry':
      return retry(meaning.code, detail, meaning.afterMs === undefined ? {} : { afterMs: meaning.afterMs });
  }
}

/** The failure table's rows for what {@link classifyErrcode} returns by itself. */
export const errcodeCodes: Codes = {
  unreadable_reply: {
    status: 'retry',
    meaning: 'The reply was not the JSON the service documents.',
    advice: 'Check that `endpoint` leads to the service itself and not to a proxy or a login page.',
  },
  unknown_errcode: {
    status: 'retry',
    meaning: 'The service refused with an errcode that is not in its documentation.',
    advice: 'Look the errcode up in the detail; report it to this project.',
  },
};
