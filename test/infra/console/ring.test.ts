import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, DeliveryStatus } from '../../../infra/console/contract.ts';
import { createRing, RING_BOUNDS } from '../../../infra/console/ring.ts';
import type { Observation } from '../../../infra/console/source.ts';
import { numberedEvent } from '../../support/chat.ts';
import { seen, told } from '../../support/console/memory-source.ts';

const STATUSES: readonly DeliveryStatus[] = ['delivered', 'filtered', 'retrying', 'held', 'letter'];
const event = fc.nat(15).map((index) => seen(numberedEvent(index)));
const delivery = fc
  .record({
    index: fc.nat(15),
    destination: fc.constantFrom('log/a', 'webhook/b', 'slack/c'),
    status: fc.constantFrom(...STATUSES),
    second: fc.nat(59),
    detail: fc.option(fc.string({ maxLength: 2000 }), { nil: undefined }),
  })
  .map(({ index, destination, status, second, detail }) =>
    told(numberedEvent(index).id, destination, status, {
      at: `2026-11-27T12:00:${String(second).padStart(2, '0')}Z`,
      ...(detail !== undefined && { detail }),
    }),
  );
const observations: fc.Arbitrary<readonly Observation[]> = fc.array(fc.oneof(event, delivery), { maxLength: 80 });

describe('the ring of the last events', () => {
  it('never exceeds its bounds, whatever it is told', () => {
    const bounds = fc.record({
      events: fc.integer({ min: 1, max: 10 }),
      bytes: fc.integer({ min: 1000, max: 20_000 }),
      attempts: fc.integer({ min: 1, max: 4 }),
      early: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(bounds, observations, (limits, all) => {
        const ring = createRing(limits);
        for (const each of all) {
          ring.accept([each]);
          const kept = ring.newest(Infinity);
          expect(kept.length).toBeLessThanOrEqual(limits.events);
          expect(ring.bytes()).toBeLessThanOrEqual(limits.bytes);
          expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, back) => ring.last() - back));
          for (const { attempts } of kept)
            for (const list of attempts.values()) expect(list.length).toBeLessThanOrEqual(limits.attempts);
        }
        if (ring.newest(Infinity).length === 0) expect(ring.bytes()).toBe(0);
      }),
    );
  });

  it('marks an event by the newest of what was told, destination by destination, also before the event itself', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const ring = createRing({ ...RING_BOUNDS, attempts: 1000 });
        ring.accept(all);
        for (const { event: of, marks } of ring.newest(Infinity)) expect(marks).toEqual(marksTold(of.id, all));
      }),
    );
  });

  it('takes an event that is delivered twice for one', () => {
    const ring = createRing();
    ring.accept([seen(numberedEvent(1)), seen(numberedEvent(1)), seen(numberedEvent(2))]);

    expect(ring.newest(10).map(({ event: of }) => of.id)).toEqual([numberedEvent(2).id, numberedEvent(1).id]);
  });

  it('keeps what an attempt says short and on one line', () => {
    const ring = createRing();
    ring.accept([
      seen(numberedEvent(1)),
      told(numberedEvent(1).id, 'log/a', 'letter', { detail: `a\u001b[2J\n${'b'.repeat(9000)}` }),
    ]);

    const [attempt] = ring.find(numberedEvent(1).id)?.attempts.get('log/a') ?? [];
    expect(attempt?.detail).toMatch(/^a \[2J b+$/);
    expect(attempt?.detail?.length).toBe(500);
  });
});

/** By the words of the contract alone. */
function marksTold(eventId: string, all: readonly Observation[]): Partial<Record<DeliveryStatus, number>> {
  const newest = new Map<string, Attempt>();
  for (const each of all) {
    if (each.kind !== 'delivery' || each.eventId !== eventId) continue;
    const before = newest.get(each.destination);
    if (!before || before.at <= each.attempt.at) newest.set(each.destination, each.attempt);
  }
  const marks: Partial<Record<DeliveryStatus, number>> = {};
  for (const { status } of newest.values()) marks[status] = (marks[status] ?? 0) + 1;
  return marks;
}
