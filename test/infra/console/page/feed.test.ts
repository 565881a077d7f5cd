import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../../../infra/console/contract.ts';
import { createFeed } from '../../../../infra/console/page/live/feed.ts';
import { filterOf, NO_FILTER } from '../../../../infra/console/page/live/filter.ts';
import { createRing } from '../../../../infra/console/page/live/ring.ts';
import { liveEvent } from './live-event.ts';

function batch(...events: readonly LiveEvent[]) {
  return { events, marks: [], skipped: 0 };
}

function range(from: number, to: number): readonly LiveEvent[] {
  return Array.from({ length: to - from + 1 }, (_each, index) => liveEvent({ seq: from + index }));
}

function shown(feed: ReturnType<typeof createFeed>): readonly (number | undefined)[] {
  const view = feed.view();
  return Array.from({ length: view.length }, (_each, index) => view.at(index)?.event.seq);
}

describe('a ring', () => {
  it('keeps the last items, the newest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (items, capacity) => {
        const ring = createRing<number>(capacity);
        for (const item of items) ring.push(item);

        const kept = items.slice(-capacity).toReversed();
        expect(ring.items()).toEqual(kept);
        expect(Array.from({ length: ring.length }, (_each, index) => ring.at(index))).toEqual(kept);
        expect([ring.at(-1), ring.at(ring.length)]).toEqual([undefined, undefined]);
      }),
    );
  });
});

describe('the feed', () => {
  it('shows the newest first and no more than it keeps', () => {
    const feed = createFeed(3);
    feed.push(batch(...range(1, 5)));

    expect(shown(feed)).toEqual([5, 4, 3]);
    expect(feed.kept).toBe(3);
  });

  it('stands still while it is frozen, counts what comes, and goes on', () => {
    const feed = createFeed(3);
    feed.push(batch(...range(1, 3)));
    feed.freeze('key');
    feed.push(batch(...range(4, 9)));

    expect(shown(feed)).toEqual([3, 2, 1]);
    expect(feed.fresh).toBe(6);
    feed.thaw();
    expect(shown(feed)).toEqual([9, 8, 7]);
    expect(feed.fresh).toBe(0);
  });

  it('filters what is kept and what comes, and what stands still as well', () => {
    const feed = createFeed(10);
    feed.push(batch(liveEvent({ seq: 1, reason: 'BackOff' }), liveEvent({ seq: 2, reason: 'Pulled' })));
    feed.setFilter({ text: 'backoff', without: [] });
    expect(shown(feed)).toEqual([1]);
    feed.push(batch(liveEvent({ seq: 3, reason: 'BackOff' }), liveEvent({ seq: 4, reason: 'Pulled' })));
    expect(shown(feed)).toEqual([3, 1]);

    feed.freeze('scroll');
    feed.push(batch(liveEvent({ seq: 5, reason: 'BackOff' }), liveEvent({ seq: 6, reason: 'Pulled' })));
    feed.setFilter(NO_FILTER);
    expect(shown(feed)).toEqual([4, 3, 2, 1]);
    expect(feed.fresh).toBe(2);
  });

  it('puts new marks on events that were told before, and passes over those that are gone', () => {
    const feed = createFeed(2);
    feed.push(batch(...range(1, 4)));
    feed.push({
      events: [],
      marks: [
        [1, { letter: 1 }],
        [4, { delivered: 2 }],
      ],
      skipped: 7,
    });

    expect(feed.marksOf(4)).toEqual({ delivered: 2 });
    expect(feed.marksOf(1)).toBeUndefined();
    expect(feed.skipped).toBe(7);
  });

  it('finds an event by its number, whatever numbers are missing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 60 })), fc.nat({ max: 60 }), (numbers, wanted) => {
        const seqs = numbers.toSorted((a, b) => a - b);
        const feed = createFeed(20);
        feed.push(batch(...seqs.map((seq) => liveEvent({ seq }))));

        expect(feed.view().indexOf(wanted)).toBe(shown(feed).indexOf(wanted));
      }),
    );
  });

  it('forgets all when the server was started anew', () => {
    const feed = createFeed(5);
    feed.push(batch(...range(1, 3)));
    feed.freeze('key');
    feed.reset();

    expect(shown(feed)).toEqual([]);
    expect(feed.frozen).toBeUndefined();
  });

  it('shows what a filter over all would show, whatever comes in which order', () => {
    const reason = fc.constantFrom('BackOff', 'Pulled');
    fc.assert(
      fc.property(
        fc.array(fc.array(reason, { maxLength: 6 }), { maxLength: 8 }),
        fc.nat({ max: 8 }),
        (batches, when) => {
          const feed = createFeed(7);
          let seq = 0;
          const all: LiveEvent[] = [];
          for (const [index, reasons] of batches.entries()) {
            if (index === when) feed.setFilter({ text: 'back', without: [] });
            const events = reasons.map((each) => liveEvent({ seq: (seq += 1), reason: each }));
            all.push(...events);
            feed.push(batch(...events));
          }
          const matches = filterOf(feed.filter);
          // Once filtered, older matches may outlast events that the feed no longer keeps.
          const expected = all.filter(matches).toReversed();
          expect(shown(feed)).toEqual(expected.slice(0, shown(feed).length).map((event) => event.seq));
        },
      ),
    );
  });
});
