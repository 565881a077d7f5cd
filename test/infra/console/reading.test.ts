import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShow } from '../../../infra/console/live.ts';
import type { Marks } from '../../../infra/console/contract.ts';
import { createReading, mayResume, type Cursor } from '../../../infra/console/reading.ts';
import { createRing, RING_BOUNDS, type Ring } from '../../../infra/console/ring.ts';
import { numberedEvent } from '../../support/chat.ts';
import { seen, told } from '../../support/console/memory-source.ts';

type Step =
  | { readonly kind: 'events'; readonly count: number }
  | { readonly kind: 'delivery'; readonly back: number; readonly status: 'delivered' | 'letter' }
  | { readonly kind: 'read'; readonly limit: number }
  | { readonly kind: 'reconnect' };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('events' as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({
      kind: fc.constant('delivery' as const),
      back: fc.nat(40),
      status: fc.constantFrom('delivered', 'letter'),
    }),
    fc.record({ kind: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ kind: fc.constant('reconnect' as const) }),
  ),
  { maxLength: 60 },
);

describe('a reader of the ring', () => {
  it('gets each event at most once, in order and with its marks, and counts the others, however often it comes back', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const ring = createRing({ ...RING_BOUNDS, events: 50 });
        const reader = createReader(ring);
        let number = 0;
        reader.read(20);
        for (const step of all) {
          if (step.kind === 'events')
            for (let each = 0; each < step.count; each += 1) ring.accept([seen(numberedEvent((number += 1)))]);
          if (step.kind === 'delivery') {
            const kept = ring.at(ring.last() - step.back);
            if (kept) ring.accept([told(kept.event.id, `log/${ring.changes()}`, step.status)]);
          }
          if (step.kind === 'read') reader.read(step.limit);
          if (step.kind === 'reconnect') reader.reconnect();
        }
        reader.read(20);

        expect(reader.seqs).toEqual([...new Set(reader.seqs)].toSorted((a, b) => a - b));
        expect(reader.seqs.length + reader.skipped()).toBe(ring.last() - reader.missed());
        for (const [seq, marks] of reader.marks) if (ring.at(seq)) expect(marks).toEqual(ring.at(seq)?.marks);
      }),
    );
  });

  it('is shown the newest, and told how many came too fast', () => {
    const ring = createRing();
    const reading = createReading(ring, createShow());
    reading.next(100);
    ring.accept(Array.from({ length: 250 }, (_, index) => seen(numberedEvent(index))));
    const { events, skipped } = reading.next(100);

    expect([events.length, events.at(0)?.seq, events.at(-1)?.seq, skipped]).toEqual([100, 151, 250, 150]);
  });

  it('is not told of marks of events that it was not shown', () => {
    const ring = createRing();
    const reading = createReading(ring, createShow());
    reading.next(10);
    ring.accept([seen(numberedEvent(1)), seen(numberedEvent(2))]);
    reading.next(1);
    ring.accept([told(numberedEvent(1).id, 'log/a', 'delivered'), told(numberedEvent(2).id, 'log/a', 'delivered')]);

    expect(reading.next(10).marks).toEqual([[2, { delivered: 1 }]]);
  });
});

/** A page: it keeps what it is sent, and where it has got to. */
function createReader(ring: Ring) {
  const seqs: number[] = [];
  const marks = new Map<number, Marks>();
  let [skipped, missed] = [0, 0];
  let cursor: Cursor | undefined;
  let reading = createReading(ring, createShow());
  return {
    seqs,
    marks,
    skipped: () => skipped,
    /** Events that nobody told it of, because it came too late. */
    missed: () => missed,
    read(limit: number): void {
      const batch = reading.next(limit);
      const before = cursor?.seq ?? 0;
      cursor = reading.cursor();
      skipped += batch.skipped;
      missed += cursor.seq - before - batch.events.length - batch.skipped;
      for (const event of batch.events) {
        seqs.push(event.seq);
        marks.set(event.seq, event.marks);
      }
      for (const [seq, each] of batch.marks) if (marks.has(seq)) marks.set(seq, each);
    },
    reconnect(): void {
      reading = createReading(ring, createShow(), cursor && mayResume(ring, cursor) ? cursor : undefined);
    },
  };
}
