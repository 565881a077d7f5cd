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

  /**
   * @param body the Status that came with it, if one did.
   * @param retryAfter the header of that name.
   * @param nowMs epoch milliseconds, by which a date in that header counts.
   */
  constructor(status: number, body: unknown, retryAfter?: string, nowMs: number = Date.now()) {
    const { message, reason, details, metadata } = recordOf(body);
    const said = textOf(message).slice(0, 300);
    super(`the API server answered ${status}${said === '' ? '' : `: ${said}`}`);
    this.status = status;
    this.reason = textOf(reason);
    this.continue = textOf(recordOf(metadata)['continue']);
    const askedMs = retryAfterMs(retryAfter, nowMs) ?? secondsOf(details);
    this.retryAfterMs = askedMs === undefined ? undefined : Math.min(askedMs, MAX_RETRY_AFTER_MS);
  }

  /** The version asked for is no longer there: a list is due. */
  get isExpired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }
}

/** The error that an ERROR frame of a watch carries. */
export function errorOfFrame(object: unknown): ApiError {
  const code = recordOf(object)['code'];
  return new ApiError(typeof code === 'number' ? code : 500, object);
}

/** A server that asks for longer than this is asked again all the same. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

function secondsOf(details: unknown): number | undefined {
  const seconds = recordOf(details)['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}
