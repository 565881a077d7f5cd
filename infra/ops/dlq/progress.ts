import type { Io } from '../command.ts';
import { countText } from '../count.ts';
import { durationText } from '../duration.ts';

/**
 * Shows how far something is: rate and remaining time. What SQS says of a queue is approximate, so the total is "about", and
 * counts messages, each of which may hold several letters.
 */
export interface Progress {
  /** @param letters what was done of what is in these messages; left out where messages themselves are counted */
  readonly update: (messages: number, total: number, letters?: number) => void;
}

/** A line a second at most, so that a log does not fill. */
const INTERVAL_MS = 1000;

export function createProgress({ progress, clock }: Pick<Io, 'progress' | 'clock'>, verb: string): Progress {
  const startedAt = clock.now();
  let shownAt = 0;
  return {
    update(messages, total, letters) {
      const at = clock.now();
      if (at - shownAt < INTERVAL_MS && messages < total) return;
      shownAt = at;
      const seconds = Math.max((at - startedAt) / 1000, 0.001);
      const perSecond = (letters ?? messages) / seconds;
      const left = messages > 0 && total > messages ? (seconds * (total - messages)) / messages : 0;
      const parts = [
        letters === undefined ? '' : `${verb} ${countText(letters, 'letter')}`,
        `${letters === undefined ? verb : 'looked at'} ${messages} of about ${countText(Math.max(total, messages), 'message')}`,
        `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
        left === 0 ? '' : `${durationText(left)} left`,
      ];
      progress(parts.filter(Boolean).join(', '));
    },
  };
}
