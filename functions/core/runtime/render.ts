import type { ClusterEvent } from '../contract/event.ts';
import { rejected, retry, type Fate } from '../contract/outcome.ts';
import type { Parcel, Sink } from '../contract/sink.ts';
import { namedMessageOf } from '../contract/untrusted.ts';

/** What became of events in rendering: each of them is in exactly one parcel, or has failed. */
export interface Rendered<Payload> {
  readonly parcels: readonly Parcel<Payload>[];
  readonly failed: readonly (readonly [ClusterEvent, Fate])[];
}

type Renderer<Options, Payload> = Pick<Sink<Options, never, Payload, never>, 'render'>;

const unrendered = retry('unrendered', 'the sink rendered nothing for this event');

/** Renders events. Where that fails for many it is done singly, so that the fault of one stays its own. Never throws. */
export function renderParcels<Options, Payload>(
  sink: Renderer<Options, Payload>,
  events: readonly ClusterEvent[],
  options: Options,
): Rendered<Payload> {
  try {
    return renderTogether(sink, events, options);
  } catch (error) {
    if (events.length > 1) return join(events.map((event) => renderParcels(sink, [event], options)));
    const failure = rejected('event', 'render_failed', namedMessageOf(error));
    return { parcels: [], failed: events.map((event) => [event, failure] as const) };
  }
}

/** @throws whatever `render` throws, and an error if it breaks its contract. */
function renderTogether<Options, Payload>(
  sink: Renderer<Options, Payload>,
  events: readonly ClusterEvent[],
  options: Options,
): Rendered<Payload> {
  const parcels = sink.render(events, options);
  const waiting = new Set(events);
  for (const event of parcels.flatMap((parcel) => parcel.events)) {
    if (!waiting.delete(event)) throw new Error('an event was rendered twice or is none of those given');
  }
  return { parcels, failed: [...waiting].map((event) => [event, unrendered] as const) };
}

function join<Payload>(all: readonly Rendered<Payload>[]): Rendered<Payload> {
  return { parcels: all.flatMap(({ parcels }) => parcels), failed: all.flatMap(({ failed }) => failed) };
}
