import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../functions/core/destinations/filter.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import type { DestinationSet, Entry, LoadOptions } from '../../../../functions/core/destinations/destinations.ts';
import type { Silence } from '../../../../functions/core/destinations/silence.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { admit, findDestination } from '../../../../functions/core/runtime/admission.ts';
import { numberedEvents, numberOf } from '../../../support/probe-sink.ts';

const ready: Entry & { readonly state: 'ready' } = {
  state: 'ready',
  destination: {
    id: 'probe/a',
    type: 'probe',
    name: 'a',
    version: '1',
    enabled: true,
    silences: false,
    verdict: () => 'pass',
    options: {},
    secrets: {},
    secretValues: [],
  },
};

const { signal } = new AbortController();

const silence: Silence = { name: 'rollout', until: 0, why: 'a rollout', by: 'alice', match: [], covers: () => true };

/** A store that says `cached` until it is asked afresh. */
function find(cached: Record<string, Entry>, fresh: Record<string, Entry> | Error = cached, id = 'probe/a') {
  let asked = 0;
  const load = async (options?: LoadOptions): Promise<DestinationSet> => {
    asked += 1;
    expect(options?.signal).toBe(signal);
    if (!options?.fresh) return new Map(Object.entries(cached));
    if (fresh instanceof Error) throw fresh;
    return new Map(Object.entries(fresh));
  };
  return findDestination({ load, silence: () => undefined }, id, signal).then((found) => ({ found, asked }));
}

describe('finding a destination', () => {
  it('takes what is known', async () => {
    expect(await find({ 'probe/a': ready })).toEqual({ found: ready.destination, asked: 1 });
  });

  it('looks afresh for one that is unknown: it may have been made a moment ago', async () => {
    expect(await find({}, { 'probe/a': ready })).toEqual({ found: ready.destination, asked: 2 });
  });

  it('rejects the events of one that is not there', async () => {
    expect((await find({ 'probe/b': ready })).found).toEqual({
      status: 'rejected',
      scope: 'destination',
      code: 'destination_not_found',
      detail: 'there is no parameter destinations/probe/a',
    });
  });

  it.each([
    ['invalid', 'config_invalid'],
    ['secret_missing', 'secret_missing'],
  ] as const)('keeps the events of one that is %s for later, with what is wrong', async (state, code) => {
    const { found } = await find({ 'probe/a': { state, detail: 'field\u0007x is missing' } });
    expect(found).toEqual({ status: 'retry', code, detail: 'field x is missing' });
  });

  it('keeps the events of one that cannot be looked up for later', async () => {
    const { found } = await find({}, new TypeError('store down'));
    expect(found).toEqual({ status: 'retry', code: 'config_unreadable', detail: 'TypeError' });
  });
});

describe('today’s filter', () => {
  const verdicts: readonly Verdict[] = ['pass', 'unmatched', 'dropped', 'repeat', 'pass'];
  const verdict = (event: Parameters<typeof numberOf>[0]) => verdicts[numberOf(event) - 1] ?? 'pass';

  it('passes what it passes, and says of the rest why not', () => {
    const events = numberedEvents(5);
    const { passing, ends } = admit({ enabled: true, silences: true, verdict }, events, () => undefined);

    expect(passing).toEqual([events[0], events[4]]);
    expect([...ends]).toEqual([
      [events[1], { status: 'filtered', cause: 'unmatched' }],
      [events[2], { status: 'filtered', cause: 'dropped' }],
      [events[3], { status: 'filtered', cause: 'repeat' }],
    ]);
  });

  it('passes nothing to a disabled destination, whatever it says', () => {
    const { passing, ends } = admit({ enabled: false, silences: true, verdict }, numberedEvents(5), () => silence);

    expect(passing).toEqual([]);
    expect([...ends.values()]).toEqual(Array.from({ length: 5 }, () => ({ status: 'filtered', cause: 'disabled' })));
  });

  it('passes nothing that a silence holds, and names the silence, but leaves the cause to the filter where it decides', () => {
    const events = numberedEvents(5);
    const odd = (event: ClusterEvent) => (numberOf(event) % 2 === 1 ? silence : undefined);
    const { passing, ends } = admit({ enabled: true, silences: true, verdict }, events, odd);

    expect(passing).toEqual([]);
    expect([...ends]).toEqual([
      [events[0], { status: 'filtered', cause: 'silenced', silence: 'rollout' }],
      [events[1], { status: 'filtered', cause: 'unmatched' }],
      [events[2], { status: 'filtered', cause: 'dropped' }],
      [events[3], { status: 'filtered', cause: 'repeat' }],
      [events[4], { status: 'filtered', cause: 'silenced', silence: 'rollout' }],
    ]);
  });

  it('passes what a silence holds to a destination that silences do not hold', () => {
    const events = numberedEvents(5);
    expect(admit({ enabled: true, silences: false, verdict }, events, () => silence).passing).toEqual([
      events[0],
      events[4],
    ]);
  });

  it('passes what ends an incident to a pager, whatever a silence holds', () => {
    const [ending, going] = ['Scheduled', 'FailedScheduling'].map((reason) => sampleEvent({ reason }));
    if (!ending || !going) throw new Error('there are two');
    const passing = (): Verdict => 'pass';
    const pager = { enabled: true, silences: true, pager: true, verdict: passing } as const;

    expect(admit(pager, [ending, going], () => silence).passing).toEqual([ending]);
  });
});
