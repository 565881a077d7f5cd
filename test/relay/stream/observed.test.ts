import { describe, expect, test, vi } from 'vitest';
import {
  bringing,
  change,
  createTestOutbox,
  ending,
  errorOf,
  eventAt,
  failing,
  frameOf,
  inTurn,
  pass,
  type RunningStream,
  type ScriptedWatch,
  streamsUnderFakeTime,
} from '../../support/stream.ts';

/** What a stream may claim to have seen: the version, and until when it watched. */

const run = streamsUnderFakeTime();
const MINUTE = 60_000;
const at = (offsetMs = 0): string => new Date(Date.now() + offsetMs).toISOString();
/** How many seconds ago the stream says that it saw everything. */
const secondsAgo = ({ stream }: RunningStream): number =>
  Math.round((Date.now() - Date.parse(stream.cursor()?.observedAt ?? '')) / 1000);
/** A cursor that was saved ten minutes ago, which leaves no doubt about what was claimed since. */
const saved = () => ({ rv: '100', observedAt: at(-10 * MINUTE) });

function later(seconds: number, ...frames: readonly ReturnType<typeof frameOf>[]): ScriptedWatch {
  return async function* ({ open, over }) {
    open();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    yield frames;
    await over;
  };
}

describe('the version', () => {
  test('does not go back for a bookmark, a deletion or a change of an older version', async () => {
    const { stream, asked } = run({
      watch: inTurn(
        ending(change('ADDED', '110'), change('BOOKMARK', '105'), change('DELETED', '104'), change('ADDED', '103')),
        bringing(),
      ),
    });
    await pass(MINUTE);
    expect(stream.cursor()?.rv).toBe('110');
    expect(asked.at(-1)).toBe('watch 110');
  });

  test('follows bookmarks and deletions, which send nothing', async () => {
    const { stream, outbox } = run({ watch: bringing(change('DELETED', '104'), change('BOOKMARK', '107')) });
    await pass(MINUTE);
    expect(stream.cursor()?.rv).toBe('107');
    expect(outbox.pushed).toEqual([]);
  });

  test('does not pass what is not accepted, whatever is accepted behind it', async () => {
    const outbox = createTestOutbox();
    outbox.hold();
    const { stream } = run(
      { watch: bringing(change('ADDED', '101'), change('ADDED', '102'), change('BOOKMARK', '103')) },
      { outbox },
    );
    await pass(MINUTE);
    outbox.accept(1);
    expect(stream.cursor()?.rv).toBe('100');
    outbox.accept(0);
    expect(stream.cursor()?.rv).toBe('103');
  });

  test('does not pass a gap that the queue does not have yet', async () => {
    const outbox = createTestOutbox();
    outbox.hold();
    const { stream, gaps } = run(
      { watch: inTurn(ending(errorOf(410)), bringing(change('ADDED', '201'))), page: () => ({ version: '200' }) },
      { outbox, saved: { rv: '100', observedAt: at(-56 * MINUTE) } },
    );
    await pass(MINUTE);
    expect(gaps()).toMatchObject([{ cause: 'expired' }]);
    outbox.accept(1);
    expect(stream.cursor()).toEqual({ rv: '100', observedAt: at(-57 * MINUTE) });
    outbox.accept(0);
    expect(stream.cursor()?.rv).toBe('201');
  });

  test('is that of the list only once all of the list is accepted', async () => {
    const outbox = createTestOutbox();
    outbox.hold();
    const { stream } = run(
      { page: () => ({ items: [frameOf(eventAt('150')), frameOf(eventAt('120'))], version: '200' }) },
      { outbox, saved: undefined },
    );
    await pass(MINUTE);
    expect(stream.cursor()?.rv).toBeUndefined();
    outbox.accept(1);
    expect(stream.cursor()?.rv).toBeUndefined();
    outbox.accept(0);
    expect(stream.cursor()?.rv).toBe('200');
  });

  test('is that of a list which comes by a watch, once its initial events have ended', async () => {
    const end = { metadata: { resourceVersion: '200', annotations: { 'k8s.io/initial-events-end': 'true' } } };
    const { stream, asked } = run(
      {
        watchList: true,
        watch: bringing(change('ADDED', '150'), frameOf({ type: 'BOOKMARK', object: end })),
      },
      { saved: undefined },
    );
    await pass(1000);
    expect(stream.cursor()?.rv).toBe('200');
    expect(asked).not.toContain('page');
  });

  test('of initial events moves nothing before their end', async () => {
    const outbox = createTestOutbox();
    const { stream } = run(
      { watchList: true, watch: bringing(change('ADDED', '150'), change('BOOKMARK', '160')) },
      { outbox, saved: undefined },
    );
    await pass(MINUTE);
    expect(stream.cursor()?.rv).toBeUndefined();
  });
});

test('nothing is claimed before there is anything to save', async () => {
  const { stream } = run(
    {
      probe() {
        throw new Error('read ECONNRESET');
      },
    },
    { saved: undefined },
  );
  await pass(MINUTE);
  expect(stream.cursor()).toBeUndefined();
});

describe('until when it watched', () => {
  test('is now while a watch is open that carried something and nothing waits', async () => {
    const started = run({ watch: bringing(change('ADDED', '101')) }, { saved: saved() });
    await pass(1000);
    expect(secondsAgo(started)).toBe(0);
    await pass(2 * MINUTE);
    expect(secondsAgo(started)).toBe(0);
  });

  test('is now while a watch is open that carried nothing, after five seconds', async () => {
    const started = run({}, { saved: saved() });
    await pass(4000);
    expect(secondsAgo(started)).toBe(604);
    await pass(2000);
    expect(secondsAgo(started)).toBe(0);
  });

  test('is not moved by watches that end at once and are empty', async () => {
    const started = run({ watch: ending(), page: () => ({ version: '200' }) }, { saved: saved() });
    await pass(100);
    expect(secondsAgo(started)).toBe(600);
  });

  test('is not moved by watches that are refused', async () => {
    const started = run({ watch: failing(503) }, { saved: saved() });
    await pass(500);
    expect(secondsAgo(started)).toBe(601);
  });

  test('is not moved by listed events, until the list is done', async () => {
    const started = run(
      {
        watch: failing(410),
        page({ token }) {
          if (token !== '') throw new Error('read ECONNRESET');
          return { items: [frameOf(eventAt('150'))], version: '200', continue: 'next' };
        },
      },
      { saved: saved() },
    );
    await pass(1000);
    expect(started.versions()).toEqual(['150']);
    expect(secondsAgo(started)).toBe(601);
  });

  test('is the beginning of a list, however long its end was in coming', async () => {
    const outbox = createTestOutbox();
    const started = run(
      {
        watch: inTurn(failing(410), bringing()),
        page({ token }) {
          if (token !== '') return { version: '300' };
          outbox.setFull(true);
          return { continue: 'next', version: '200' };
        },
      },
      { saved: saved(), outbox },
    );
    await pass(30 * MINUTE);
    expect(started.stream.cursor()?.rv).toBe('100');
    outbox.setFull(false);
    await pass(1000);
    expect(started.stream.cursor()?.rv).toBe('200');
    expect(secondsAgo(started)).toBe(30 * 60 + 1);
  });

  test('is when the last accepted event was read, while others wait', async () => {
    const outbox = createTestOutbox();
    outbox.hold();
    const started = run(
      { watch: later(20, change('ADDED', '101'), change('ADDED', '102')) },
      { outbox, saved: saved() },
    );
    await pass(21_000);
    expect(secondsAgo(started)).toBe(621);
    outbox.accept(0);
    await pass(9000);
    expect(secondsAgo(started)).toBe(10);
    outbox.accept(1);
    expect(secondsAgo(started)).toBe(0);
  });

  test('is not moved by the end of a watch past what still waits', async () => {
    const outbox = createTestOutbox();
    outbox.hold();
    const brief: ScriptedWatch = async function* ({ open }) {
      open();
      yield [change('ADDED', '101')];
      await new Promise((resolve) => setTimeout(resolve, MINUTE));
    };
    const started = run({ watch: inTurn(brief, failing(503)) }, { outbox, saved: saved() });
    await pass(2 * MINUTE);
    expect(secondsAgo(started)).toBe(720);
    outbox.accept(0);
    expect(secondsAgo(started)).toBe(60);
  });

  test('stands still while the stream is held back', async () => {
    const outbox = createTestOutbox();
    const started = run({ watch: later(20, change('ADDED', '101')) }, { outbox, saved: saved() });
    await pass(10_000);
    outbox.setFull(true);
    await pass(20_000);
    expect(secondsAgo(started)).toBe(10);
    await pass(MINUTE);
    expect(secondsAgo(started)).toBe(70);
  });
});

describe('a watch that was held back', () => {
  /** A watch whose second chunk is sent while the stream is held back for a while. */
  const heldBackFor = async (ms: number) => {
    const outbox = createTestOutbox();
    const buffered: ScriptedWatch = async function* ({ open, over }) {
      open();
      outbox.setFull(true);
      yield [change('ADDED', '101')];
      yield [change('ADDED', '102')];
      await over;
    };
    const started = run(
      { watch: inTurn(buffered, failing(410), bringing()), page: () => ({ version: '200' }) },
      { outbox },
    );
    await pass(ms);
    outbox.setFull(false);
    await pass(MINUTE);
    return started;
  };

  test('for long is begun anew where it was: what it holds is not taken for the present', async () => {
    const { asked, gaps, versions } = await heldBackFor(58 * MINUTE);
    expect(asked).toEqual(['probe', 'watch 100', 'probe', 'watch 101', 'probe', 'page', 'watch 200']);
    expect(versions()).toEqual(['101']);
    expect(gaps()).toMatchObject([{ cause: 'expired', from: '2026-11-27T12:00:00.000Z' }]);
  });

  test('for more than three seconds is long', async () => {
    const { asked } = await heldBackFor(3100);
    expect(asked.slice(0, 4)).toEqual(['probe', 'watch 100', 'probe', 'watch 101']);
  });

  test('for a moment goes on', async () => {
    const { asked, versions } = await heldBackFor(2900);
    expect(asked).toEqual(['probe', 'watch 100']);
    expect(versions()).toEqual(['101', '102']);
  });

  test('while it listed is begun anew once the list is done', async () => {
    const outbox = createTestOutbox();
    const end = frameOf({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '200', annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    const listing: ScriptedWatch = async function* ({ open, over }) {
      open();
      outbox.setFull(true);
      yield [change('ADDED', '150')];
      yield [change('ADDED', '160'), end];
      yield [change('ADDED', '201')];
      await over;
    };
    const { asked, versions, stream } = run(
      { watchList: true, watch: inTurn(listing, bringing()) },
      { outbox, saved: undefined },
    );
    await pass(MINUTE);
    outbox.setFull(false);
    await pass(1000);
    expect(versions()).toEqual(['150', '160']);
    expect(asked).toEqual(['probe', 'watch-list', 'probe', 'watch 200']);
    expect(stream.cursor()?.observedAt).toBe('2026-11-27T12:00:00.000Z');
  });
});

describe('a gap is declared', () => {
  const whenExpired = { watch: inTurn(failing(410), bringing()), page: () => ({ version: '200' }) };

  test.each([
    ['55 minutes and a second ago', -55 * MINUTE - 1000, 1],
    ['55 minutes ago', -55 * MINUTE, 0],
    ['three minutes ahead, as clocks differ', 3 * MINUTE, 0],
    ['an hour ahead, which nobody can have seen', 60 * MINUTE, 1],
    ['a day ahead', 24 * 60 * MINUTE, 1],
  ])('if a list finds that everything was last seen %s: %i', async (_, offset, expected) => {
    const { gaps } = run(whenExpired, { saved: { rv: '100', observedAt: at(offset) } });
    const from = offset > 0 ? at() : at(offset);
    await pass(MINUTE);
    expect(gaps()).toMatchObject(expected === 1 ? [{ cause: 'expired', from, to: '2026-11-27T12:00:00.000Z' }] : []);
  });

  test.each([
    ['10 minutes', 10, 5],
    ['4 minutes', 4, 2],
  ])('with events that live %s, after %i less a margin', async (_, ttl, after) => {
    const options = { eventTtlMs: ttl * MINUTE };
    const early = run(whenExpired, { ...options, saved: { rv: '100', observedAt: at(-after * MINUTE) } });
    const late = run(whenExpired, { ...options, saved: { rv: '100', observedAt: at(-after * MINUTE - 1000) } });
    await pass(MINUTE);
    expect([early.gaps().length, late.gaps().length]).toEqual([0, 1]);
  });

  test('if two empty watches are all there was', async () => {
    const from = at(-56 * MINUTE);
    const { gaps } = run(
      { watch: inTurn(ending(), ending(), bringing()), page: () => ({ version: '200' }) },
      { saved: { rv: '100', observedAt: from } },
    );
    await pass(MINUTE);
    expect(gaps()).toMatchObject([{ cause: 'expired', from }]);
  });

  test('if the collection is behind what was read of it, also after a clean end', async () => {
    const lasting: ScriptedWatch = async function* ({ open }) {
      open();
      yield [change('ADDED', '150')];
      await new Promise((resolve) => setTimeout(resolve, MINUTE));
    };
    const { gaps, versions, stream } = run({
      probe: (nth) => (nth === 1 ? '1000' : '120'),
      watch: inTurn(lasting, bringing()),
      page: () => ({ items: [frameOf(eventAt('90'))], version: '121' }),
    });
    await pass(2 * MINUTE);
    expect(gaps()).toMatchObject([{ cause: 'restore' }]);
    expect(versions()).toEqual(['150', '90']);
    expect(stream.cursor()?.rv).toBe('121');
  });

  test('once for each list, however often its pages break', async () => {
    const { gaps, asked } = run(
      {
        page({ nth }) {
          if (nth <= 3) throw new Error('read ECONNRESET');
          return { version: '200' };
        },
      },
      { saved: undefined, cursorLost: true },
    );
    await pass(MINUTE);
    expect(asked.filter((each) => each === 'page')).toHaveLength(4);
    expect(gaps()).toMatchObject([{ cause: 'cursor-lost' }]);
  });
});

describe('the instant of the first start', () => {
  test('is saved before the first list, and is what the look-back counts from', async () => {
    let saves = 0;
    const item = (version: string, minutes: number) =>
      frameOf({ ...eventAt(version), lastTimestamp: at(-minutes * MINUTE) });
    const page = vi.fn(() => ({ items: [item('1', 9), item('2', 11)], version: '200' }));
    const { versions, stream } = run(
      { page },
      {
        saved: undefined,
        startFrom: { kind: 'lookBack', ms: 10 * MINUTE },
        async save() {
          saves += 1;
          expect(page).not.toHaveBeenCalled();
        },
      },
    );
    await pass(100);
    expect(saves).toBe(1);
    expect(versions()).toEqual(['1']);
    expect(stream.cursor()).toEqual({ rv: '200', observedAt: '2026-11-27T12:00:00.000Z' });
  });

  test('of a predecessor stands, unless it lies in the future', async () => {
    const item = (version: string, minutes: number) =>
      frameOf({ ...eventAt(version), lastTimestamp: at(-minutes * MINUTE) });
    const page = () => ({ items: [item('1', 25), item('2', 9)], version: '200' });
    const options = { startFrom: { kind: 'lookBack', ms: 10 * MINUTE } } as const;
    const earlier = run({ page }, { ...options, saved: { observedAt: at(-20 * MINUTE) } });
    const future = run({ page }, { ...options, saved: { observedAt: at(60 * MINUTE) } });
    await pass(100);
    expect(earlier.versions()).toEqual(['1', '2']);
    expect(future.versions()).toEqual(['2']);
  });

  test('is not needed where the stream starts from now: the version of that moment is saved', async () => {
    const saves: unknown[] = [];
    const started = run(
      { probe: () => '300' },
      {
        saved: undefined,
        startFrom: { kind: 'now' },
        async save() {
          saves.push(started.stream.cursor());
        },
      },
    );
    await pass(MINUTE);
    expect(started.asked).toEqual(['probe', 'watch 300']);
    expect(saves).toEqual([{ rv: '300', observedAt: '2026-11-27T12:00:00.000Z' }]);
  });
});

test('at a high rate events are read every ten milliseconds, together', async () => {
  const outbox = Object.defineProperty(createTestOutbox(), 'atHighRate', { value: true });
  const { versions } = run(
    {
      async *watch({ open, over }) {
        open();
        yield [change('ADDED', '101')];
        yield [change('ADDED', '102')];
        await over;
      },
    },
    { outbox },
  );
  await pass(9);
  expect(versions()).toEqual(['101']);
  await pass(1);
  expect(versions()).toEqual(['101', '102']);
});
