import { holding, type Silence } from '../../../functions/core/destinations/silence.ts';
import { wayTo } from '../../ops/route.ts';
import { NO_RULES } from '../check.ts';
import type { DestinationWay, EventWay, Timeline } from '../contract.ts';
import { NOT_DEPLOYED, type DestinationNow } from '../destination-reader.ts';
import type { Kept } from '../ring.ts';
import type { Context } from './context.ts';
import type { Endpoints } from './endpoint.ts';
import { Refusal } from './refusal.ts';
import { parameter } from './requests.ts';
import { silencesNow } from './silences.ts';

/** One event and its way, and what is known of an object. */
export function eventEndpoints(context: Context): Endpoints {
  const { source, ring, show, clock, destinations } = context;
  return {
    'GET /api/event': {
      async run({ query, signal }): Promise<EventWay> {
        const kept = ring.find(parameter(query, 'id'));
        if (!kept) throw new Refusal(404, 'this event is not among the last ones any more, which alone are kept here');
        const [known, { silences }] = await Promise.all([destinations(signal), silencesNow(context, signal)]);
        const silence = holding(silences, kept.event, clock.now());
        const { raw: _, ...document } = kept.event;
        return { event: show(kept), document, destinations: waysOf(kept, known, silence) };
      },
    },
    'GET /api/object': {
      run({ query }): Timeline {
        const [cluster, kind, name] = ['cluster', 'kind', 'name'].map((key) => parameter(query, key));
        // Nodes are in no namespace.
        const object = { cluster: cluster ?? '', namespace: query.get('namespace') ?? '', name: name ?? '' };
        const events = ring
          .newest(Infinity)
          .filter(({ event: { object: of, cluster: at } }) =>
            [at === object.cluster, of.kind === kind, of.namespace === object.namespace, of.name === object.name].every(
              Boolean,
            ),
          );
        const earlier = source.earlier?.(object);
        return { events: events.toReversed().map(show), ...(earlier !== undefined && { earlier }) };
      },
    },
  };
}

/** To each destination there is, and to those that there were when it was delivered. */
function waysOf(
  { event, attempts }: Kept,
  destinations: readonly DestinationNow[],
  silence: Silence | undefined,
): readonly DestinationWay[] {
  const gone = [...attempts.keys()].filter((id) => !destinations.some((each) => each.id === id));
  return [
    ...destinations.map((each) => ({
      destination: each.id,
      ...wayOf(each, event, silence),
      attempts: attempts.get(each.id) ?? [],
    })),
    ...gone.map((id) => ({
      destination: id,
      goes: false,
      why: 'there is no such destination now',
      attempts: attempts.get(id) ?? [],
    })),
  ];
}

function wayOf(
  { id, config, known, isDeployed }: DestinationNow,
  event: Kept['event'],
  silence: Silence | undefined,
): Pick<DestinationWay, 'goes' | 'why'> {
  const settings = known.settings?.value;
  if (!config || !settings)
    return { goes: false, why: 'detail' in known.entry ? known.entry.detail : 'nothing is known of it' };
  if (!isDeployed) return { goes: false, why: NOT_DEPLOYED };
  const { goes, why = NO_RULES } = wayTo({ id, config, settings, filter: settings.filter }, event, silence);
  return { goes, why };
}
