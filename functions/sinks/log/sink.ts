import type { ClusterEvent } from '../../core/contract/event.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { toJson } from '../../core/kit/json.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config } from './config.ts';

/** Writes one line per event to standard output, which on AWS is the function's log group. */
export const sink = defineSink({
  config,
  render(events, options) {
    const line = options.format === 'text' ? textLine : jsonLine;
    return events.map((event) => ({ events: [event], payload: line(event) }));
  },
  async send(parcel, _client, ctx) {
    ctx.log(parcel.payload);
    return delivered;
  },
});

function jsonLine(event: ClusterEvent): string {
  const { raw: _, ...view } = event;
  return toJson(view);
}

function textLine(event: ClusterEvent): string {
  const { object } = event;
  const place = [object.kind, [object.namespace, object.name].filter(Boolean).join('/')].filter(Boolean).join(' ');
  const times = event.count > 1 ? ` (x${event.count})` : '';
  const line = `${event.lastSeen} ${event.cluster} ${event.type.padEnd(7)} ${event.reason} ${place}: ${event.message}${times}`;
  // A line must stay one line, and must not steer the terminal it is read on.
  return line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
