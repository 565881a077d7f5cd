import { transportFailure } from '../../core/kit/http.ts';
import { rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';

type ByNumber = Readonly<Record<number, string>>;

/** Numbers of the MySQL and MariaDB error reference that condemn the destination, whatever the event. */
const DESTINATION: ByNumber = {
  1044: 'permission_denied',
  1045: 'authentication_failed',
  1049: 'database_missing',
  1054: 'table_mismatch',
  1130: 'host_not_allowed',
  1136: 'table_mismatch',
  1142: 'permission_denied',
  1143: 'permission_denied',
  1146: 'table_missing',
  1227: 'permission_denied',
  1251: 'authentication_failed',
  1364: 'table_mismatch',
  1524: 'authentication_failed',
  1698: 'authentication_failed',
  1820: 'authentication_failed',
  1862: 'authentication_failed',
  3118: 'authentication_failed',
  3159: 'tls_required',
  4151: 'authentication_failed',
};

/** One row spoils its whole statement, which does not say which. */
const EVENT: ByNumber = {
  1048: 'invalid_value',
  1062: 'duplicate_key',
  1153: 'packet_too_large',
  1264: 'invalid_value',
  1292: 'invalid_value',
  1366: 'invalid_value',
  1406: 'data_too_long',
  1452: 'invalid_value',
  1526: 'invalid_value',
  1644: 'invalid_value',
  3140: 'invalid_value',
  3819: 'invalid_value',
  3988: 'invalid_value',
  4025: 'invalid_value',
};

const RETRY: ByNumber = {
  1021: 'server_full',
  1040: 'too_many_connections',
  1114: 'server_full',
  1203: 'too_many_connections',
  1205: 'deadlock',
  1213: 'deadlock',
  1226: 'too_many_connections',
};

/** A failover: the same connection would go on reaching the server that may not write. */
const READ_ONLY = new Set([1290, 1792, 1836, 3100]);

/** The server ended the connection, or is about to. */
const CONNECTION_LOST = new Set([1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013]);

/** The meaning of an error of the server or of mysql2. */
export function classify(error: unknown): Outcome {
  const { code, errno, message } = fields(error);
  const detail = `${code}: ${message}`;
  const destination = DESTINATION[errno];
  if (destination !== undefined) return rejected('destination', destination, detail);
  const event = EVENT[errno];
  // The message would quote the event.
  if (event !== undefined) return split(event, [code, nameIn(message)].filter(Boolean).join(': '));
  if (READ_ONLY.has(errno)) return retry('read_only', detail, { reconnect: true });
  if (CONNECTION_LOST.has(errno)) return retry('connection_lost', detail, { reconnect: true });
  const known = RETRY[errno];
  if (known !== undefined) return retry(known, detail);
  return byCode(code, message);
}

function byCode(code: string, message: string): Outcome {
  const detail = `${code}: ${message}`;
  switch (code) {
    case 'PROTOCOL_CONNECTION_LOST':
      return retry('connection_lost', 'the server closed the connection', { reconnect: true });
    case 'PROTOCOL_SEQUENCE_TIMEOUT':
      return retry('timeout', 'the statement took too long', { reconnect: true });
    case 'HANDSHAKE_SSL_ERROR':
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return retry('tls_failed', message, { reconnect: true });
    case 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED':
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return rejected('destination', 'authentication_failed', detail);
    default:
      return /^E[A-Z_]+$/.test(code) && !code.startsWith('ER_')
        ? retry(...transportFailure(code, message), { reconnect: true })
        : retry('server_error', detail, { reconnect: true });
  }
}

function nameIn(message: string): string {
  return /\b(?:column|constraint|key) [`'"][^`'"]{1,64}[`'"]/i.exec(message)?.[0] ?? '';
}

function fields(error: unknown): { readonly code: string; readonly errno: number; readonly message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', errno: 0, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return { code, errno, message };
}
