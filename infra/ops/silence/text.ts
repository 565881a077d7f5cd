import type { Silence } from '../../../functions/core/destinations/silence.ts';
import { durationText } from '../duration.ts';
import { ruleText } from '../why.ts';
import { oneLine } from '../one-line.ts';

/** When a silence ends, as people type it. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A silence for people: its end, its author and reason, and what it covers. */
export function silenceText({ name, until, why, by, match }: Silence, now: number): string {
  const left = until - now;
  const end =
    left > 0
      ? `until ${timeText(until)} (${durationText(left / 1000)} left)`
      : `ended ${durationText(-left / 1000)} ago`;
  return `${name}: ${end}, by ${oneLine(by)}: ${oneLine(why)}; holds ${oneLine(match.map(ruleText).join(', or '))}`;
}
