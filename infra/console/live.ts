import type { EventLine, LiveEvent } from './contract.ts';
import { eventLine } from './event-line.ts';
import type { Kept } from './ring.ts';

/** Makes lines of the Live view, whose part that never changes is made once. */
export function createShow(): (kept: Kept) => LiveEvent {
  const lines = new WeakMap<Kept['event'], EventLine>();
  return ({ seq, event, marks }) => {
    const line = lines.get(event) ?? eventLine(event);
    lines.set(event, line);
    return { ...line, seq, marks };
  };
}
