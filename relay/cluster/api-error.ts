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
    this.continue = textOf(metadata, 'continue');
    this.retryAfterMs = retryAfterMs(retryAfter, nowMs) ?? secondsOf(details);
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

/** The value of a Retry-After header, seconds or a date, in milliseconds. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const delay = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(delay) ? undefined : Math.min(Math.max(delay, 0), MAX_RETRY_AFTER_MS);
}

function secondsOf(details: unknown): number | undefined {
  const seconds = recordOf(details)['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : undefined;
}

function statusFields(body: unknown): { message: string; reason: string; details: unknown; metadata: unknown } {
  const { details, metadata } = recordOf(body);
  return { message: textOf(body, 'message'), reason: textOf(body, 'reason'), details, metadata };
}

function textOf(value: unknown, name: string): string {
  const text = recordOf(value)[name];
  return typeof text === 'string' ? text : '';
}

/** The value as a record, empty where it is none. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
