import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';

type ByNumber = Readonly<Record<number, string>>;

/** Numbers of ClickHouse's ErrorCodes.cpp that condemn the destination, whatever the event. */
const DESTINATION: ByNumber = {
  16: 'table_mismatch',
  47: 'table_mismatch',
  // A view takes no rows.
  48: 'table_mismatch',
  60: 'table_missing',
  62: 'table_mismatch',
  81: 'database_missing',
  115: 'setting_refused',
  // The fields are the sink's own: whichever is unknown is so for every event.
  117: 'table_mismatch',
  164: 'setting_refused',
  192: 'authentication_failed',
  193: 'authentication_failed',
  194: 'authentication_failed',
  291: 'permission_denied',
  452: 'setting_refused',
  497: 'permission_denied',
  516: 'authentication_failed',
};

/** One row spoils its whole INSERT, which does not say which. */
const EVENT: ByNumber = {
  6: 'invalid_value',
  25: 'invalid_value',
  26: 'invalid_value',
  27: 'invalid_value',
  33: 'invalid_value',
  38: 'invalid_value',
  41: 'invalid_value',
  53: 'invalid_value',
  69: 'invalid_value',
  72: 'invalid_value',
  131: 'invalid_value',
  321: 'invalid_value',
  349: 'invalid_value',
  376: 'invalid_value',
  407: 'invalid_value',
  467: 'invalid_value',
  469: 'constraint_violated',
  675: 'invalid_value',
  691: 'invalid_value',
};

const RETRY: ByNumber = {
  159: 'timeout',
  201: 'quota_exceeded',
  202: 'overloaded',
  203: 'overloaded',
  209: 'timeout',
  210: 'server_error',
  225: 'unavailable',
  236: 'unavailable',
  241: 'overloaded',
  242: 'read_only',
  243: 'server_full',
  252: 'overloaded',
  279: 'unavailable',
  285: 'unavailable',
  319: 'unavailable',
  425: 'server_error',
  439: 'overloaded',
  999: 'unavailable',
};

/** Memory and parts: both take a while to become free. */
const SLOW_DOWN = new Set([241, 252]);
const SLOW_DOWN_MS = 30_000;

/** The meaning of a reply to an INSERT. An error may come after the headers of a 200 too: then it is in the body. */
export function insertOutcome(reply: HttpReply, now: Date): Outcome {
  const number = exceptionCode(reply);
  if (number !== undefined) return exceptionOutcome(number, reply);
  const byStatus = classify(reply, now);
  if (byStatus.status !== 'delivered') return byStatus;
  return reply.headers['x-clickhouse-summary'] === undefined
    ? retry('unexpected_reply', 'expected the header X-ClickHouse-Summary')
    : delivered;
}

function exceptionCode({ headers, body }: HttpReply): number | undefined {
  const inHeader = headers['x-clickhouse-exception-code'];
  const text = inHeader ?? /(?:^|\n)Code: (\d+)\. DB::Exception/.exec(body)?.[1];
  return text === undefined || !/^\d{1,5}$/.test(text) ? undefined : Number(text);
}

function exceptionOutcome(number: number, { body }: HttpReply): Outcome {
  // The text of an error quotes the row; its name at the end does not.
  const name = [...body.matchAll(/\(([A-Z][A-Z0-9_]{2,80})\)/g)].at(-1)?.[1];
  const detail = name === undefined ? `code ${number}` : `code ${number}: ${name}`;
  const destination = DESTINATION[number];
  if (destination !== undefined)
    return rejected('destination', destination, number === 117 ? detail : `code ${number}${excerpt(body)}`);
  const event = EVENT[number];
  if (event !== undefined) return split(event, detail);
  if (number === 252 && body.includes('Too many partitions for single INSERT'))
    return split('too_many_partitions', detail);
  return retry(RETRY[number] ?? 'server_error', detail, SLOW_DOWN.has(number) ? { afterMs: SLOW_DOWN_MS } : {});
}
