import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { messageOf, recordOf, textOf } from '../../core/contract/untrusted.ts';
import { transportFailure } from '../../core/kit/http.ts';

/**
 * SQLSTATEs, or classes of them, by their beginning: the longest that fits decides. Appendix A of the PostgreSQL documentation.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
type ByState = Readonly<Record<string, string>>;

const DESTINATION: ByState = {
  '0A': 'table_mismatch',
  '28': 'authentication_failed',
  '3D': 'database_missing',
  '3F': 'table_missing',
  '42': 'table_mismatch',
  '42501': 'permission_denied',
  '42P01': 'table_missing',
};

/** One row spoils its whole statement, which does not say which. */
const EVENT: ByState = {
  '22': 'invalid_value',
  '22001': 'data_too_long',
  '23': 'constraint_violated',
  '23505': 'duplicate_key',
  '44': 'constraint_violated',
  '54': 'too_large',
  P0001: 'constraint_violated',
};

const RETRY: ByState = {
  '40': 'conflict',
  '53': 'server_full',
  '53300': 'too_many_connections',
  '55': 'conflict',
  '57014': 'timeout',
};

/** The connection is gone, or leads to a server that may not write, as after a failover. */
const RECONNECT: ByState = {
  '08': 'connection_lost',
  '25006': 'read_only',
  '57': 'connection_lost',
};

/**
 * PgBouncer has one state for nearly all that it says itself, most of which passes: only the words tell what has to be repaired.
 * https://github.com/pgbouncer/pgbouncer/blob/master/src/client.c
 */
const POOLER: readonly (readonly [RegExp, string])[] = [
  [/^unsupported (options )?startup parameter|^old V2 protocol/, 'protocol_refused'],
  [/^no such database/, 'database_missing'],
  [
    /^(no such user|auth failed|SSL required)|^(password|SASL|certificate|"trust") authentication failed|^(unix socket )?login rejected/,
    'authentication_failed',
  ],
];

/** What the driver says without a code. */
const MESSAGES: readonly (readonly [RegExp, Outcome])[] = [
  [/does not support SSL/, rejected('destination', 'tls_unsupported', 'the server does not support TLS connections')],
  [/^SASL:|unknown authenticationOk/i, rejected('destination', 'authentication_failed', 'the login was not possible')],
  [/timeout/i, retry('timeout', 'the server took too long', { reconnect: true })],
  [
    /Connection (terminated|ended)|not queryable|was closed|Cannot use/i,
    retry('connection_lost', 'the server closed the connection', { reconnect: true }),
  ],
];

/** The meaning of an error of the server or of pg. */
export function classify(error: unknown): Outcome {
  const { code, message, names } = fields(error);
  if (!isState(code)) return byMessage(code, message);
  const detail = `${code}: ${message}`;
  if (code === '23514' && message.startsWith('no partition of relation'))
    return rejected('destination', 'partition_missing', code);
  const toRepair = code === '08P01' ? POOLER.find(([pattern]) => pattern.test(message))?.[1] : undefined;
  if (toRepair !== undefined) return rejected('destination', toRepair, detail);
  const found = longest(code);
  switch (found?.table) {
    case DESTINATION:
      return rejected('destination', found.meaning, detail);
    case EVENT:
      // The message would quote the event.
      return split(found.meaning, [code, ...names].join(', '));
    case RETRY:
      return retry(found.meaning, detail);
    case RECONNECT:
      return retry(found.meaning, detail, { reconnect: true });
    default:
      return retry('server_error', code, { reconnect: true });
  }
}

/** Whether an error says that the connection is gone, so that a new one may be better. */
export function isConnectionLost(error: unknown): boolean {
  const outcome = classify(error);
  return outcome.status === 'retry' && outcome.code === 'connection_lost';
}

function longest(state: string): { readonly table: ByState; readonly meaning: string } | undefined {
  for (const prefix of [state, state.slice(0, 2)]) {
    for (const table of [DESTINATION, EVENT, RETRY, RECONNECT]) {
      const meaning = table[prefix];
      if (meaning !== undefined) return { table, meaning };
    }
  }
  return undefined;
}

function byMessage(code: string, message: string): Outcome {
  if (code !== '') return retry(...transportFailure(code, message), { reconnect: true });
  const known = MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
  return known ?? retry('server_error', message, { reconnect: true });
}

/** Five characters, as Node's EPIPE, but no class of SQLSTATE begins with an E. */
function isState(code: string): boolean {
  return /^(?!E)[0-9A-Z]{5}$/.test(code);
}

function fields(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly names: readonly string[];
} {
  const { code, column, constraint } = recordOf(error);
  const names = Object.entries({ column: textOf(column), constraint: textOf(constraint) });
  return {
    code: textOf(code),
    message: textOf(recordOf(error)['message']) || messageOf(error),
    names: names.flatMap(([kind, name]) => (name === '' ? [] : [`${kind} ${name}`])),
  };
}
