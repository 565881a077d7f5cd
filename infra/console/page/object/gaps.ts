import type { LiveEvent } from '../../contract.ts';

/** An event, and the time since the one before it where nothing happened for a while. */
export interface Step {
  readonly event: LiveEvent;
  readonly gapSeconds?: number;
}

const GAP_SECONDS = 300;

/** The oldest first, as they are given. */
export function stepsOf(events: readonly LiveEvent[]): readonly Step[] {
  return events.map((event, index) => {
    const before = events[index - 1];
    const seconds = before ? (Date.parse(event.at) - Date.parse(before.at)) / 1000 : 0;
    return seconds >= GAP_SECONDS ? { event, gapSeconds: seconds } : { event };
  });
}
