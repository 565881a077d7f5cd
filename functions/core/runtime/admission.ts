import type { ClusterEvent } from '../contract/event.ts';
import { rejected, retry, type Fate } from '../contract/outcome.ts';
import { mayBeSilenced, type Destination } from '../destinations/destination.ts';
import type { Destinations } from '../destinations/destinations.ts';
import { printable } from '../contract/printable.ts';

/** How an event ends: at the service, or filtered here, which only an edit or a replay brings about this late. */
export type End = Fate | Filtered;

interface Filtered {
  readonly status: 'filtered';
  readonly cause: string;
  /** The silence that holds it. */
  readonly silence?: string;
}

/** A destination that is ready, or what becomes of all events for it. An unknown one is looked up afresh: it may be a minute old. */
export async function findDestination<Options, Secrets>(
  destinations: Destinations<Options, Secrets>,
  id: string,
  signal: AbortSignal,
): Promise<Destination<Options, Secrets> | Fate> {
  try {
    const set = await destinations.load({ signal });
    const entry = set.get(id) ?? (await destinations.load({ signal, fresh: true })).get(id);
    if (!entry) return rejected('destination', 'destination_not_found', `there is no parameter destinations/${id}`);
    if (entry.state === 'ready') return entry.destination;
    return retry(entry.state === 'invalid' ? 'config_invalid' : 'secret_missing', printable(entry.detail));
  } catch (error) {
    return retry('config_unreadable', error instanceof Error ? error.name : 'unknown');
  }
}

/**
 * What a destination takes today, and how the other events end. The router has filtered before, but a letter that is replayed
 * and a message that waited meet the document and the silences of today.
 */
export function admit(
  destination: Pick<Destination, 'enabled' | 'verdict' | 'silences' | 'pager'>,
  events: readonly ClusterEvent[],
  silenceOf: Destinations['silence'],
): { readonly passing: readonly ClusterEvent[]; readonly ends: ReadonlyMap<ClusterEvent, End> } {
  const { enabled, verdict } = destination;
  const passing: ClusterEvent[] = [];
  const ends = new Map<ClusterEvent, End>();
  for (const event of events) {
    const cause = enabled ? verdict(event) : 'disabled';
    const silence = cause === 'pass' && mayBeSilenced(destination, event) ? silenceOf(event) : undefined;
    if (silence) ends.set(event, { status: 'filtered', cause: 'silenced', silence: silence.name });
    else if (cause === 'pass') passing.push(event);
    else ends.set(event, { status: 'filtered', cause });
  }
  return { passing, ends };
}
