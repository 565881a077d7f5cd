import type { ClusterEvent } from '../core/contract/event.ts';
import type { Verdict } from '../core/destinations/filter.ts';
import type { DestinationSet } from '../core/destinations/destinations.ts';

/** Where an event goes: to at least one destination, or nowhere because it is filtered. */
export type Route =
  | { readonly to: readonly string[] }
  | { readonly filtered: Exclude<Verdict, 'pass'> | 'disabled' }
  | { readonly missing: string };

/** All destinations that take an event. One whose document never was valid takes none, and an alarm says so. */
export function routeToAll(event: ClusterEvent, set: DestinationSet): Route {
  const takers = [...set.values()].flatMap((entry) =>
    entry.state === 'ready' && entry.destination.verdict(event) === 'pass' ? [entry.destination] : [],
  );
  const to = takers.filter(({ enabled }) => enabled).map(({ id }) => id);
  if (to.length > 0) return { to };
  return { filtered: takers.length > 0 ? 'disabled' : 'unmatched' };
}

/**
 * The one destination that a replayed letter of the router's is for: the others have had theirs. If its document is not valid
 * the event goes there all the same, because its sink waits for the repair, and gives up with the true reason.
 */
export function routeToOne(event: ClusterEvent, id: string, set: DestinationSet): Route {
  const entry = set.get(id);
  if (!entry) return { missing: id };
  if (entry.state !== 'ready') return { to: [id] };
  const { enabled, verdict } = entry.destination;
  const found = enabled ? verdict(event) : 'disabled';
  return found === 'pass' ? { to: [id] } : { filtered: found };
}
