import type { ClusterEvent } from '../contract/event.ts';
import { rejected, retry, type Fate, type Outcome } from '../contract/outcome.ts';
import type { Parcel } from '../contract/sink.ts';
import type { Destination } from '../destinations/destination.ts';
import { readOutcome, type Answer } from './outcomes.ts';
import { renderParcels } from './render.ts';
import { asksToReconnect, cleaningFor, sendParcel, type SendOptions } from './send.ts';

export interface DeliverOptions<Options, Secrets, Payload, Client> extends SendOptions<
  Options,
  Secrets,
  Payload,
  Client
> {
  /** The destination read anew, uncached; undefined if it is not usable any more. Rejects if it cannot be read. */
  readonly reload: (id: string) => Promise<Destination<Options, Secrets> | undefined>;
}

/** Two failed connections say enough about a service: the rest of the group is left for later, unsent. */
const MAX_BROKEN_CONNECTIONS = 2;

type Reread = 'unchanged' | 'changed' | 'unreadable';

/** A group of events for one destination on its way: what changes while its parcels are sent, one after the other. */
interface Group<Options, Secrets, Payload, Client> extends DeliverOptions<Options, Secrets, Payload, Client> {
  /** The version in force. */
  destination: Destination<Options, Secrets>;
  /** What reading it anew has shown, once it was refused: that is done once. */
  reread: Reread | undefined;
  /** What was said of each connection that broke. */
  readonly broken: Fate[];
  readonly fates: Map<ClusterEvent, Fate>;
}

/** Delivers a group of events to one destination and gives each exactly one fate. Never rejects, whatever the sink does. */
export async function deliverGroup<Options, Secrets, Payload, Client>(
  destination: Destination<Options, Secrets>,
  events: readonly ClusterEvent[],
  options: DeliverOptions<Options, Secrets, Payload, Client>,
): Promise<ReadonlyMap<ClusterEvent, Fate>> {
  const fates = new Map<ClusterEvent, Fate>();
  if (events.length > 0) await deliver({ ...options, destination, reread: undefined, broken: [], fates }, events);
  return fates;
}

async function deliver<Options, Secrets, Payload, Client>(
  group: Group<Options, Secrets, Payload, Client>,
  events: readonly ClusterEvent[],
): Promise<void> {
  const { sink, destination, fates } = group;
  const { parcels, failed } = renderParcels(sink, events, destination.options);
  const cleaning = cleaningFor(destination, group);
  for (const [event, failure] of failed) fates.set(event, fateOf(readOutcome(failure, cleaning)));
  for (const [index, parcel] of parcels.entries()) {
    // It was repaired while the parcel before was sent: the rest is rendered by what is in force now.
    if (group.destination !== destination)
      return deliver(
        group,
        parcels.slice(index).flatMap((rest) => rest.events),
      );
    await deliverParcel(group, parcel);
  }
}

/** Sends a parcel, and once more what deserves it: halves of what was refused together, and what a repaired destination may now take. */
async function deliverParcel<Options, Secrets, Payload, Client>(
  group: Group<Options, Secrets, Payload, Client>,
  parcel: Parcel<Payload>,
): Promise<void> {
  const { broken, fates } = group;
  const lastBroken = broken[MAX_BROKEN_CONNECTIONS - 1];
  if (lastBroken) {
    for (const event of parcel.events) fates.set(event, lastBroken);
    return;
  }
  const answers = await sendParcel(parcel, group.destination, group);
  for (const { event, outcome } of answers) fates.set(event, fateOf(outcome));
  const [first] = answers;
  // Nothing got through.
  if (first && answers.every(asksToReconnect)) broken.push(fateOf(first.outcome));
  const refused = answers.filter(isDestinationRefused).map(({ event }) => event);
  const again = [await repairedFor(group, refused), ...halves(answers.filter(isSplit).map(({ event }) => event))];
  for (const part of again) if (part.length > 0) await deliver(group, part);
}

function isDestinationRefused({ outcome }: Answer): boolean {
  return outcome.status === 'rejected' && outcome.scope === 'destination';
}

function isSplit({ outcome }: Answer): boolean {
  return outcome.status === 'split';
}

/** Of one event there are no halves: it keeps its rejection. */
function halves(events: readonly ClusterEvent[]): readonly (readonly ClusterEvent[])[] {
  const middle = Math.ceil(events.length / 2);
  return events.length > 1 ? [events.slice(0, middle), events.slice(middle)] : [];
}

/**
 * The refused events, if the destination's document or secrets have changed since they were read, else none: a refused
 * credential may have been replaced a moment ago. While that cannot be found out, the events are retried.
 */
async function repairedFor<Options, Secrets, Payload, Client>(
  group: Group<Options, Secrets, Payload, Client>,
  refused: readonly ClusterEvent[],
): Promise<readonly ClusterEvent[]> {
  if (refused.length === 0) return [];
  const isFirst = group.reread === undefined;
  group.reread ??= await readAnew(group);
  if (group.reread === 'unreadable') for (const event of refused) group.fates.set(event, unreadable);
  return isFirst && group.reread === 'changed' ? refused : [];
}

async function readAnew<Options, Secrets, Payload, Client>(
  group: Group<Options, Secrets, Payload, Client>,
): Promise<Reread> {
  try {
    const current = await group.reload(group.destination.id);
    if (!current || current.version === group.destination.version) return 'unchanged';
    group.destination = current;
    return 'changed';
  } catch {
    return 'unreadable';
  }
}

const unreadable = retry(
  'config_unreadable',
  'the service refused, and the destination could not be read again to see whether it was repaired',
);

/** What an outcome means for one event: how to reconnect is settled by now, and what cannot be split is rejected. */
function fateOf(outcome: Outcome): Fate {
  switch (outcome.status) {
    case 'retry':
      return retry(outcome.code, outcome.detail, outcome.afterMs === undefined ? {} : { afterMs: outcome.afterMs });
    case 'split':
      return rejected('event', outcome.code, outcome.detail);
    default:
      return outcome;
  }
}
