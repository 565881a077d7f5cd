import type { LiveEvent } from './contract.ts';
import { eventLine } from './event-line.ts';
import type { Kept } from './ring.ts';

/** A kept event as the Live view shows it. @param conceal on its line, once. */
export function createShow(
  conceal: (line: ReturnType<typeof eventLine>) => ReturnType<typeof eventLine>,
): (kept: Kept) => LiveEvent {
  const lines = new WeakMap<Kept['event'], ReturnType<typeof eventLine>>();
  return ({ seq, event, marks }) => {
    const line = lines.get(event) ?? conceal(eventLine(event));
    lines.set(event, line);
    return { ...line, seq, marks };
  };
}
