import { printable } from '../contract/printable.ts';
import type { Outgoing } from './queue.ts';

/** Why a message became a dead letter. */
export interface LetterReason {
  readonly code: string;
  readonly detail: string;
  /** `<type>/<name>`, or `router` for the router's own. */
  readonly destination: string;
  /** How often it was tried, this time included, in all messages that it was in. */
  readonly attempts: number;
}

/**
 * A dead letter: the message's body as it was, and the reason as message attributes `code`, `detail`, `destination`,
 * `attempts`, `failedAt`, and `replays` if it had been replayed before.
 */
export function createLetter(
  message: { readonly body: string; readonly replays?: string | undefined },
  reason: LetterReason,
  failedAt: Date,
): Outgoing {
  return {
    body: message.body,
    groupId: reason.destination,
    attributes: {
      code: reason.code,
      detail: printable(reason.detail) || '-',
      destination: printable(reason.destination) || '-',
      attempts: String(reason.attempts),
      failedAt: failedAt.toISOString(),
      ...(message.replays === undefined ? {} : { replays: message.replays }),
    },
  };
}
