import type { Io } from '../command.ts';
import { durationText } from '../duration.ts';

/** Shows how far something is: rate and remaining time; numbers of SQS are approximate, so the total is "about". */
export interface Progress {
  readonly update: (done: number, total: number) => void;
}

/** A line a second at most, so that a log does not fill. */
const INTERVAL_MS = 1000;

export function createProgress({ progress, clock }: Pick<Io, 'progress' | 'clock'>, verb: string): Progress {
  const startedAt = clock.now();
  let shownAt = 0;
  return {
    update(done, total) {
      const at = clock.now();
      if (at - shownAt < INTERVAL_MS && done < total) return;
      shownAt = at;
      const perSecond = done / Math.max((at - startedAt) / 1000, 0.001);
      const left = done > 0 && total > done ? `, ${durationText((total - done) / perSecond)} left` : '';
      progress(
        `${verb} ${done} of about ${Math.max(total, done)}, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s${left}`,
      );
    },
  };
}
