import { redact } from '../contract/secret.ts';
import type { Outgoing } from './queue.ts';

/** Why a message became a dead letter. */
export interface LetterReason {
  readonly code: string;
  readonly detail: string;
  /** `<type>/<name>`, or `router` for the router's own. */
  readonly destination: string;
  /** How often the message was received, this time included. */
  readonly attempts: number;
}

const MAX_DETAIL_BYTES = 1024;

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

/** One line of printable text of at most 1 KB: SQS refuses control characters, and whoever reads it has a terminal. */
export function printable(text: string, secrets: readonly string[] = []): string {
  const line = redact(text, secrets)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]+/gu, ' ')
    .trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= MAX_DETAIL_BYTES) return line;
  // A cut inside a character leaves a replacement character, which goes too.
  return `${bytes
    .subarray(0, MAX_DETAIL_BYTES - 3)
    .toString()
    .replace(/\uFFFD$/, '')}…`;
}
