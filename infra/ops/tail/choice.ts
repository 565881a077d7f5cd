import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import type { Entry } from './entry.ts';

/** Which entries are shown. */
export interface Choice {
  /** The entries that can be shown now: this one, and those that were waiting for it. */
  take(entry: Entry): readonly Entry[];
  /** Lines that have no fields to choose by, so far. */
  readonly texts: number;
}

/** So many events and failures are kept in mind, the newest. */
const MAX_KEPT = 10_000;

/**
 * Shows each event once, whichever destinations write it. Where events are chosen, what says nothing of one is left out, and a
 * failure waits until its event was written: what is not known cannot be judged.
 * @param includes which events are wanted; undefined where everything is.
 */
export function createChoice(includes: ((event: ClusterEvent) => boolean) | undefined): Choice {
  const known = new Map<string, boolean>();
  const waiting = new Map<string, readonly Entry[]>();
  let texts = 0;
  return {
    take(entry) {
      if (entry.kind === 'event') return takeEvent(entry.event, entry);
      if (includes === undefined) return [entry];
      if (entry.kind === 'text') texts += 1;
      if (entry.kind !== 'said' || entry.event === undefined) return [];
      const isWanted = known.get(entry.event);
      if (isWanted === undefined) keep(waiting, entry.event, [...(waiting.get(entry.event) ?? []), entry]);
      return isWanted ? [entry] : [];
    },
    get texts() {
      return texts;
    },
  };

  function takeEvent(event: ClusterEvent, entry: Entry): readonly Entry[] {
    const { id } = event;
    if (known.has(id)) return [];
    const isWanted = includes?.(event) ?? true;
    keep(known, id, isWanted);
    const failures = waiting.get(id) ?? [];
    waiting.delete(id);
    return isWanted ? [entry, ...failures] : [];
  }
}

function keep<Value>(map: Map<string, Value>, id: string, value: Value): void {
  map.delete(id);
  map.set(id, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) return;
    map.delete(oldest);
  }
}
