import { messageOf } from '../../functions/core/contract/untrusted.ts';
import { ApiError, errorOfFrame } from '../cluster/api-error.ts';
import { UnreadableFrame } from '../cluster/frame-parser.ts';

/** Why a connection to the API server brought no more events. */
export interface Fault {
  readonly kind: FaultKind;
  /** As a metric's label. */
  readonly cause: string;
  /** For users: what keeps the events of the stream from coming. */
  readonly reason: string;
  /** How long the server asks to be left alone, in milliseconds, if it does. */
  readonly retryAfterMs?: number | undefined;
}

export type FaultKind =
  /** The version is no longer there (410), by its answer or in an open watch. */
  | 'expired'
  /** The request is not understood (400, 422): not even a version, or no WatchList. */
  | 'invalid'
  /** An open watch carried an error other than an expired version, whatever its code. */
  | 'error-frame'
  /** The server, or something before it, failed (5xx). */
  | 'server-error'
  /** The server refuses whoever asks, or how often, whatever the version (401, 403, 404, 429, ...). */
  | 'refused'
  /** A frame could not be read. */
  | 'unreadable'
  /** A WatchList was over before the list was. */
  | 'ended-early'
  /** The connection: refused, reset, silent for too long, or not speaking HTTP or JSON. */
  | 'cut';

/** A WatchList that was over before the list was. */
export const ENDED_EARLY: Fault = {
  kind: 'ended-early',
  cause: 'ended',
  reason: 'no events from the API server: it ended the watch before the initial events',
};

/**
 * What a thrown error means for a stream.
 * @param stream `*`, or the namespace that is read.
 */
export function faultOf(error: unknown, stream: string): Fault {
  if (!(error instanceof ApiError)) {
    const isUnreadable = error instanceof UnreadableFrame;
    return {
      kind: isUnreadable ? 'unreadable' : 'cut',
      cause: isUnreadable ? 'unreadable' : 'connection',
      reason: `no events from the API server: ${messageOf(error)}`,
    };
  }
  const kind = answerFault(error);
  return {
    kind,
    cause: kind === 'expired' ? 'expired' : `http_${error.status}`,
    reason: reasonOf(error, stream),
    retryAfterMs: error.retryAfterMs,
  };
}

/** The fault that an ERROR frame of an open watch tells of. */
export function faultOfFrame(object: unknown, stream: string): Fault {
  const fault = faultOf(errorOfFrame(object), stream);
  return fault.kind === 'expired' ? fault : { ...fault, kind: 'error-frame' };
}

function answerFault(error: ApiError): FaultKind {
  if (error.isExpired) return 'expired';
  if (error.status === 400 || error.status === 422) return 'invalid';
  return error.status >= 500 ? 'server-error' : 'refused';
}

function reasonOf(error: ApiError, stream: string): string {
  switch (error.status) {
    case 401:
      return `the API server refuses the relay's identity (401)`;
    case 403: {
      const where = stream === '*' ? 'in all namespaces' : `in namespace ${stream}`;
      return `no permission to read events ${where}: the relay needs get, list and watch on events`;
    }
    default:
      return `no events from the API server: ${error.message}`;
  }
}
