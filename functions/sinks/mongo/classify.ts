import { transportFailure } from '../../core/kit/http.ts';
import { rejected, retry, type Outcome } from '../../core/contract/outcome.ts';

/** What the client throws instead of the driver's own text, which may quote the connection string. */
export const UNREADABLE_URI = 'the driver cannot read the connection string';

/** The meaning of an error of the server, by its code, or of the driver, by its name. */
export function classify(error: unknown): Outcome {
  const { code, name, message: detail } = fields(error);
  if (detail === UNREADABLE_URI) return rejected('destination', 'invalid_uri', detail);
  switch (code) {
    case 13:
    case 31:
      return rejected('destination', 'permission_denied', detail);
    case 18:
    case 11: // UserNotFound
    case 334: // MechanismUnavailable
      return rejected('destination', 'authentication_failed', detail);
    case 8000:
      return byAtlas(detail) ?? byName(name, code, detail, error);
    case 121:
      return rejected('event', 'document_refused', 'the document failed the validation of the collection');
    case 10334:
    case 17280:
    case 17419:
      return rejected('event', 'document_too_large', 'the document or a key of an index is too large');
    case 11000:
      return rejected('event', 'duplicate_key', / index: \S+/.exec(detail)?.[0].trim() ?? 'a unique index');
    case 91:
    case 189:
    case 10058:
    case 10107:
    case 11600:
    case 11602:
    case 13435:
    case 13436:
      return retry('not_primary', detail);
    case 64:
    case 79:
    case 100:
      return retry('write_concern_failed', detail);
    case 16500: // Azure Cosmos DB
      return retry('throttled', detail);
    case 50:
    case 89:
    case 262:
      return retry('timeout', detail);
    default:
      return byName(name, code, detail, error);
  }
}

/** Atlas has one code for all that it says itself: https://www.mongodb.com/docs/atlas/reference/free-shared-limitations/ */
function byAtlas(detail: string): Outcome | undefined {
  if (/^bad auth/i.test(detail)) return rejected('destination', 'authentication_failed', detail);
  if (/\bnot allowed to do action\b/i.test(detail)) return rejected('destination', 'permission_denied', detail);
  return /\bover your space quota\b/i.test(detail) ? retry('server_full', detail) : undefined;
}

function byName(name: string, code: number | undefined, detail: string, error: unknown): Outcome {
  switch (name) {
    case 'MongoNetworkTimeoutError':
      return retry('timeout', 'no complete reply in time', { reconnect: true });
    default: {
      const [cause = name === 'MongoNetworkError' ? 'ECONNRESET' : '', message] = causeOf(error);
      if (cause !== '') return retry(...transportFailure(cause, message), { reconnect: true });
      return name === 'MongoServerSelectionError'
        ? retry('no_server', detail, { reconnect: true })
        : retry('server_error', [name, code, detail].filter(Boolean).join(': '), { reconnect: true });
    }
  }
}

/** Node's code and words of the innermost error; the driver keeps it below `cause`, and for a server selection below `reason.error`. */
function causeOf(error: unknown): [code?: string, message?: string] {
  let found: [code?: string, message?: string] = [];
  let inner = error;
  while (typeof inner === 'object' && inner !== null) {
    if ('code' in inner && typeof inner.code === 'string') found = [inner.code, fields(inner).message];
    if ('cause' in inner && inner.cause !== undefined) inner = inner.cause;
    else if ('reason' in inner) inner = inner.reason;
    else inner = 'error' in inner ? inner.error : undefined;
  }
  return found;
}

function fields(error: unknown): {
  readonly code: number | undefined;
  readonly name: string;
  readonly message: string;
} {
  if (typeof error !== 'object' || error === null) return { code: undefined, name: '', message: String(error) };
  return {
    code: 'code' in error && typeof error.code === 'number' ? error.code : undefined,
    name: 'name' in error && typeof error.name === 'string' ? error.name : '',
    message: 'message' in error && typeof error.message === 'string' ? error.message : '',
  };
}
