import { retryAfterMs } from '../../functions/core/contract/retry-after.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';

/** An answer of the API server that is not what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The Status' reason (`Expired`, `Forbidden`, ...), empty where there was none. */
  readonly reason: string;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** A token with which an expired list may go on, at a newer version. */
  readonly continue: string;

  constructor(status: number, body: unknown, retryAfter?: string, nowMs: number = Date.now()) {
    const { message, reason, details, metadata } = statusFields(body);
    super(`the API server answered ${status}${message === '' ? '' : `: ${message.slice(0, 300)}`}`);
    this.status = status;
    this.reason = reason;
    this.continue = textOf(recordOf(metadata)['continue']);
    const askedMs = retryAfterMs(retryAfter, nowMs) ?? secondsOf(details);
    this.retryAfterMs = askedMs === undefined ? undefined : Math.min(askedMs, MAX_RETRY_AFTER_MS);
  }

  /** The version asked for is no longer there: a list is due. */
  get isExpired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }
}

/** A watch that was to begin with all events ended before it had given them. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
}

/** The error that an ERROR frame of a watch carries. */
export function errorOfFrame(object: unknown): ApiError {
  const code = recordOf(object)['code'];
  return new ApiError(typeof code === 'number' ? code : 500, object);
}

// A server that asks for longer than this is asked again all the same.
const MAX_RETRY_AFTER_MS = 5 * 60_000;

function secondsOf(details: unknown): number | undefined {
  const seconds = recordOf(details)['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

function statusFields(body: unknown): { message: string; reason: string; details: unknown; metadata: unknown } {
  const { message, reason, details, metadata } = recordOf(body);
  return { message: textOf(message), reason: textOf(reason), details, metadata };
}
