import type { ClusterEvent } from '../core/contract/event.ts';
import type { Verdict } from '../core/destinations/filter.ts';
import { mayBeSilenced, type Destination } from '../core/destinations/destination.ts';
import type { Destinations, DestinationSet } from '../core/destinations/destinations.ts';

/** Where an event goes: to destinations, as far as silences do not hold it there, or nowhere because it is filtered. */
export type Route =
  | {
      readonly to: readonly string[];
      /** The silences that hold it, one for each destination that would get it without. */
      readonly held: readonly string[];
    }
  | { readonly filtered: Exclude<Verdict, 'pass'> | 'disabled' }
  | { readonly missing: string };

type SilenceOf = Destinations['silence'];

/** All destinations that take an event. One whose document never was valid takes none, and an alarm says so. */
export function routeToAll(event: ClusterEvent, set: DestinationSet, silenceOf: SilenceOf): Route {
  const takers = [...set.values()].flatMap((entry) =>
    entry.state === 'ready' && entry.destination.verdict(event) === 'pass' ? [entry.destination] : [],
  );
  const enabled = takers.filter((destination) => destination.enabled);
  if (enabled.length > 0) return routeTo(enabled, event, silenceOf);
  return { filtered: takers.length > 0 ? 'disabled' : 'unmatched' };
}

/**
 * The one destination that a replayed letter of the router's is for: the others have had theirs. If its document is not valid
 * the event goes there all the same, because its sink waits for the repair, and gives up with the true reason.
 */
export function routeToOne(event: ClusterEvent, id: string, set: DestinationSet, silenceOf: SilenceOf): Route {
  const entry = set.get(id);
  if (!entry) return { missing: id };
  if (entry.state !== 'ready') return { to: [id], held: [] };
  const { enabled, verdict } = entry.destination;
  const found = enabled ? verdict(event) : 'disabled';
  return found === 'pass' ? routeTo([entry.destination], event, silenceOf) : { filtered: found };
}

function routeTo(takers: readonly Destination[], event: ClusterEvent, silenceOf: SilenceOf): Route {
  const isHeld = (destination: Destination): boolean => mayBeSilenced(destination, event);
  const silence = takers.some(isHeld) ? silenceOf(event) : undefined;
  if (!silence) return { to: takers.map(({ id }) => id), held: [] };
  const open = takers.filter((taker) => !isHeld(taker));
  const held = takers.filter(isHeld);
  return { to: open.map(({ id }) => id), held: held.map(() => silence.name) };
}
