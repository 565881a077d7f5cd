import { describe, expect, it } from 'vitest';
import { rejected, retry } from '../../../../functions/core/contract/outcome.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { renderParcels } from '../../../../functions/core/runtime/render.ts';
import { numberedEvents, numberOf } from '../../../support/probe-sink.ts';

type Render = (events: readonly ClusterEvent[]) => readonly (readonly ClusterEvent[])[];

function render(count: number, parts: Render) {
  const sink = {
    render: (events: readonly ClusterEvent[]) => parts(events).map((part) => ({ events: part, payload: null })),
  };
  const { parcels, failed } = renderParcels(sink, numberedEvents(count), {});
  return {
    parcels: parcels.map(({ events }) => events.map(numberOf)),
    failed: failed.map(([event, fate]) => [numberOf(event), fate]),
  };
}

describe('rendering', () => {
  it('gives the parcels of the sink, in their order', () => {
    expect(render(3, (events) => [events.slice(2), events.slice(0, 2)])).toEqual({
      parcels: [[3], [1, 2]],
      failed: [],
    });
  });

  it('is done singly where it fails for many, and the one that fails alone is rejected', () => {
    const poisoned: Render = (events) => {
      if (events.some((event) => numberOf(event) === 2)) throw new TypeError('no such filter');
      return [events];
    };

    expect(render(3, poisoned)).toEqual({
      parcels: [[1], [3]],
      failed: [[2, rejected('event', 'render_failed', 'TypeError: no such filter')]],
    });
  });

  it('of two events keeps the fault of one its own', () => {
    const { parcels, failed } = render(2, (events) => {
      if (events.some((event) => numberOf(event) === 1)) throw new Error('no');
      return [events];
    });

    expect([parcels, failed.length]).toEqual([[[2]], 1]);
  });

  it.each<[string, Render]>([
    ['holds an event twice', (events) => [events, events.slice(0, 1)]],
    ['holds an event of somebody else', (events) => [[...events, ...numberedEvents(1)]]],
  ])('that %s is a fault of the sink, and nothing of it is sent', (_name, parts) => {
    const { parcels, failed } = render(2, parts);

    expect(parcels).toEqual([]);
    expect(failed).toMatchObject([
      [1, { status: 'rejected', code: 'render_failed' }],
      [2, { status: 'rejected', code: 'render_failed' }],
    ]);
  });

  it('keeps an event that no parcel holds for later', () => {
    expect(render(2, (events) => [events.slice(1)])).toEqual({
      parcels: [[2]],
      failed: [[1, retry('unrendered', 'the sink rendered nothing for this event')]],
    });
  });

  it('of no events at all is nothing, even if the sink cannot', () => {
    expect(
      render(0, () => {
        throw new Error('no events');
      }),
    ).toEqual({ parcels: [], failed: [] });
  });
});
