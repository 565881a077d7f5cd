import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import {
  type ApiScript,
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
  type ScriptedWatch,
  streamsUnderFakeTime,
} from '../../support/stream.ts';

const run = streamsUnderFakeTime();
const MINUTE = 60_000;
const count = (asked: readonly string[], what: RegExp): number => asked.filter((each) => what.test(each)).length;

describe('an API server that never lets the stream get on is left alone more and more, and the stream is not in order', () => {
  const expired = { reason: 'Expired', code: 410 };
  const badFrames: ScriptedWatch = (call) => ending(frameOf(`garbage ${call.nth}`))(call);
  const refusing = (status: number) => (): never => {
    throw new ApiError(status, expired);
  };
  const noSuccessor: ApiScript['page'] = ({ token, nth }) => {
    if (token === '') return { continue: 'first' };
    throw new ApiError(410, { ...expired, metadata: { continue: `token-${nth}` } });
  };

  test.each<[string, ApiScript]>([
    ['every WatchList ends in 410', { watchList: true, watch: ending(errorOf(410, 'Expired')) }],
    ['every WatchList is answered 410', { watchList: true, watch: failing(410, expired) }],
    ['every page is answered 410', { watch: failing(410), page: refusing(410) }],
    ['every token has expired, and so has its successor', { watch: failing(410), page: noSuccessor }],
    ['every watch is answered 410, whatever was listed', { watch: failing(410, expired) }],
    ['every watch ends in 410, whatever was listed', { watch: ending(errorOf(410, 'Expired')) }],
    ['every watch ends in 500', { watch: ending(errorOf(500)) }],
    ['every watch is answered 503', { watch: failing(503) }],
    ['every watch is answered 400', { watch: failing(400) }],
    ['every watch is answered 403', { watch: failing(403) }],
    ['every watch is answered 429', { watch: failing(429) }],
    ['every watch ends at once', { watch: ending() }],
    ['every watch repeats an old change and ends', { watch: ending(change('ADDED', '99')) }],
    ['every watch brings another bad frame', { watch: badFrames }],
    ['every probe fails', { probe: refusing(500) }],
  ])('%s', async (_, script) => {
    const { asked, stream } = run(script);
    for (let minute = 1; minute <= 3; minute += 1) {
      await pass(MINUTE);
      expect(asked.length).toBeLessThan(60 * minute);
      expect(asked.length).toBeGreaterThan(3 * minute);
      expect(stream.trouble()).toEqual(expect.any(String));
    }
  });

  test('a quarter of a second at first, then twice as long each time, up to fifteen seconds', async () => {
    // Without it, each pause is shortened at random.
    const random = vi.spyOn(Math, 'random').mockReturnValue(1);
    try {
      const start = Date.now();
      const seconds: number[] = [];
      run({
        probe() {
          seconds.push((Date.now() - start) / 1000);
          throw new Error('read ECONNRESET');
        },
      });
      await pass(MINUTE);
      expect(seconds).toEqual([0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 30.75, 45.75]);
    } finally {
      random.mockRestore();
    }
  });

  test('each watch brings one change before its version has expired', async () => {
    const { asked, versions } = run({
      watch: (call) => ending(change('ADDED', `${Number(call.from) + 1}`), errorOf(410))(call),
      page: ({ nth }) => ({ version: `${200 + nth * 10}` }),
    });
    await pass(MINUTE);
    expect(asked.length).toBeLessThan(60);
    expect(versions().length).toBeGreaterThan(3);
  });
});

describe('an error that the server repeats for one version becomes a list', () => {
  test.each([500, 400, 403, 404, 429, 503, 504, 0])('at the second ERROR frame of code %i', async (code) => {
    const { asked, versions, stream, metrics } = run({
      watch: (call) => (call.from === '100' ? ending(errorOf(code)) : bringing())(call),
      page: () => ({ items: [frameOf(eventAt('150'))], version: '200' }),
    });
    await pass(MINUTE);
    expect(asked).toEqual(['probe', 'watch 100', 'probe', 'watch 100', 'probe', 'page', 'watch 200']);
    expect(versions()).toEqual(['150']);
    expect(stream.trouble()).toBeUndefined();
    expect(metrics()).toContain('relists_total{cause="repeated-error"} 1');
  });

  test('also if what it carries is no Status', async () => {
    const { asked } = run({ watch: ending(frameOf({ type: 'ERROR', object: null })) });
    await pass(MINUTE);
    expect(asked.indexOf('page')).toBe(5);
  });

  test.each([500, 502, 503, 504])('at the third answer %i', async (status) => {
    const { asked } = run({ watch: inTurn(failing(status), failing(status), failing(status), bringing()) });
    await pass(MINUTE);
    expect(asked.join(' ')).toBe('probe watch 100 probe watch 100 probe watch 100 probe page watch 100');
  });

  test.each([401, 403, 404, 429])('but not %i, which says nothing about a version', async (status) => {
    const { asked } = run({ watch: failing(status) });
    await pass(10 * MINUTE);
    expect(count(asked, /page/)).toBe(0);
    expect(count(asked, /watch 100/)).toBeGreaterThan(10);
  });

  test('and not if the stream got on between two errors', async () => {
    const { asked, versions } = run({
      watch: inTurn(
        ending(errorOf(500)),
        ending(change('ADDED', '101'), errorOf(500)),
        ending(change('ADDED', '102'), errorOf(500)),
        bringing(),
      ),
    });
    await pass(MINUTE);
    expect(count(asked, /page/)).toBe(0);
    expect(versions()).toEqual(['101', '102']);
  });

  test('after an ERROR frame the server is left alone as long as it asks for', async () => {
    const asksFor = frameOf({ type: 'ERROR', object: { code: 429, details: { retryAfterSeconds: 30 } } });
    const { asked } = run({ watch: ending(asksFor) });
    await pass(29_000);
    expect(asked).toEqual(['probe', 'watch 100']);
    await pass(2000);
    expect(asked).toHaveLength(4);
  });
});

describe('a frame that cannot be read', () => {
  const bad = frameOf({ type: 'ADDED', object: { metadata: null } });

  test('is read once more from where the stream was, given up with a gap, and what follows goes on', async () => {
    const { asked, gaps, versions, metrics } = run({
      watch: inTurn(ending(change('ADDED', '101'), bad), bringing(bad, change('ADDED', '103'))),
    });
    await pass(MINUTE);
    expect(asked).toEqual(['probe', 'watch 100', 'probe', 'watch 101']);
    expect(versions()).toEqual(['101', '103']);
    expect(gaps()).toMatchObject([{ cause: 'unreadable', detail: 'a frame after version 101 (wrong_shape)' }]);
    expect(gaps()[0]?.from).toBe('2026-11-27T12:00:00.000Z');
    expect(metrics()).toContain('unreadable_frames_total{kind="wrong_shape"} 2');
    expect(metrics()).toContain('watch_restarts_total{cause="unreadable"} 1');
  });

  test('leaves a gap since everything was last seen', async () => {
    const { gaps } = run(
      { watch: inTurn(ending(bad), bringing(bad)) },
      { saved: { rv: '100', observedAt: '2026-11-27T11:50:00.000Z' } },
    );
    await pass(MINUTE);
    expect(gaps()).toMatchObject([{ cause: 'unreadable', from: '2026-11-27T11:50:00.000Z' }]);
  });

  test('is read once more when it comes again later', async () => {
    const twice = [bad, change('ADDED', '101'), bad];
    const { asked, gaps, versions } = run({
      watch: inTurn(ending(bad), ending(...twice), bringing(bad, change('ADDED', '102'))),
    });
    await pass(MINUTE);
    expect(asked).toEqual(['probe', 'watch 100', 'probe', 'watch 100', 'probe', 'watch 101']);
    expect(gaps()).toHaveLength(2);
    expect(versions()).toEqual(['101', '102']);
  });

  test('is given up in a list likewise, whichever way it comes', async () => {
    const item = frameOf({ metadata: [] });
    const { gaps, versions } = run({ page: () => ({ items: [item, frameOf(eventAt('7'))] }) }, { saved: undefined });
    await pass(MINUTE);
    expect(versions()).toEqual(['7']);
    expect(gaps()).toMatchObject([{ cause: 'unreadable', detail: 'an item of a list (wrong_shape)' }]);
  });
});

describe('being in order', () => {
  test('a stream that has not listed yet is not', async () => {
    const { stream } = run(
      {
        page: () => {
          throw new Error('connect ECONNREFUSED');
        },
      },
      { saved: undefined },
    );
    expect(stream.trouble()).toBe('the first list is not done');
    await pass(10);
    expect(stream.trouble()).toBe('no events from the API server: connect ECONNREFUSED');
  });

  test('nor is one whose list comes by a watch that is open and has not come to its end', async () => {
    const { stream, metrics } = run({ watchList: true, watch: bringing(change('ADDED', '50')) }, { saved: undefined });
    await pass(MINUTE);
    expect(stream.trouble()).toBe('the first list is not done');
    expect(metrics()).not.toContain('watch_connected{stream="*"} 1');
  });

  test('a stream that reads on is not stuck, however long one connection lasts', async () => {
    const forever: ScriptedWatch = async function* ({ open, over }) {
      open();
      for (let version = 101; ; version += 1) {
        await Promise.race([over, new Promise((resolve) => setTimeout(resolve, MINUTE))]);
        yield [change('ADDED', `${version}`)];
      }
    };
    const watching = run({ watch: forever });
    const items = Array.from({ length: 60 }, (_, i) => frameOf(eventAt(`${i + 1}`)));
    const listing = run({ page: () => ({ items, itemMs: MINUTE }) }, { saved: undefined });
    await pass(30 * MINUTE);
    expect([watching.stream.stuck(), listing.stream.stuck()]).toEqual([false, false]);
    expect([watching.versions().length, listing.versions().length]).toEqual([30, 30]);
  });

  test('an opened watch is no health where watches have failed: what it carries is, or that it stays open', async () => {
    let carry = (): void => {};
    const carried = new Promise<void>((resolve) => (carry = resolve));
    const { stream } = run({
      watch: inTurn(failing(500), ending(errorOf(500)), async function* ({ open, over }) {
        open();
        await carried;
        yield [change('ADDED', '201')];
        await over;
      }),
      page: () => ({ version: '200' }),
    });
    await pass(2000);
    expect(stream.trouble()).toBeUndefined();
    carry();
    await pass(10 * MINUTE);
    expect(stream.trouble()).toBeUndefined();
  });

  test('trouble shows after five seconds, and ends five seconds after a watch is back and stays', async () => {
    const hanging: ScriptedWatch = async function* ({ open }) {
      open();
      yield [];
      await new Promise((resolve) => setTimeout(resolve, 4000));
      throw new Error('read ECONNRESET');
    };
    const { stream } = run({ watch: inTurn(hanging, hanging, hanging, bringing()) });
    await pass(100);
    expect(stream.trouble()).toBeUndefined();
    await pass(8000);
    expect(stream.trouble()).toBeUndefined();
    await pass(3000);
    expect(stream.trouble()).toContain('ECONNRESET');
    await pass(4000);
    expect(stream.trouble()).toContain('ECONNRESET');
    await pass(5000);
    expect(stream.trouble()).toBeUndefined();
  });

  test('a watch that is cut once is in order as soon as it is back', async () => {
    const cut: ScriptedWatch = async function* ({ open }) {
      open();
      yield [change('ADDED', '101')];
      throw new Error('read ECONNRESET');
    };
    const { stream } = run({ watch: inTurn(cut, bringing()) });
    for (let second = 0; second < 20; second += 1) {
      await pass(1000);
      expect(stream.trouble()).toBeUndefined();
    }
  });

  test('an expired version, and a WatchList that is refused, are routine', async () => {
    const { stream, asked } = run({
      watchList: true,
      watch: (call) => {
        if (call.from === '100') return failing(410)(call);
        return (call.from === undefined ? failing(422) : bringing())(call);
      },
      page: () => ({ version: '200' }),
    });
    await pass(10 * MINUTE);
    expect(asked).toEqual(['probe', 'watch 100', 'probe', 'watch-list', 'page', 'watch 200']);
    expect(stream.trouble()).toBeUndefined();
  });

  test('a stream that waits for nothing for ten minutes is stuck, one that waits for the queue is not', async () => {
    const outbox = createTestOutbox();
    const { stream } = run({ watch: bringing() }, { outbox });
    await pass(10 * MINUTE);
    expect(stream.stuck()).toBe(false);
    await pass(1);
    expect(stream.stuck()).toBe(true);
    outbox.setFull(true);
    const held = run({}, { outbox });
    await pass(11 * MINUTE);
    expect(held.stream.stuck()).toBe(false);
    outbox.setFull(false);
  });
});

test('a list of a collection that was restored meanwhile begins anew, and does not go on in the old one', async () => {
  const tokens: string[] = [];
  run({
    probe: () => (tokens.length < 2 ? '100' : '50'),
    watch: failing(410),
    page({ token, nth }) {
      tokens.push(token);
      if (nth === 2) throw new Error('read ECONNRESET');
      return nth === 1 ? { version: '200', continue: 'next' } : { version: '50' };
    },
  });
  await pass(MINUTE);
  expect(tokens.slice(0, 3)).toEqual(['', 'next', '']);
});

test('a list is told about, and warned about where the cluster was restored', async () => {
  const levels = ({ logs }: ReturnType<typeof run>, message: RegExp) =>
    logs.map((line) => JSON.parse(line)).flatMap((line) => (message.test(line.message) ? [line.level] : []));
  const first = run({}, { saved: undefined });
  const restored = run({ probe: () => '50' });
  await pass(100);
  expect(levels(first, /^listing what is there$/)).toEqual(['info']);
  expect(levels(restored, /^the cluster was restored to an earlier state: sending everything$/)).toEqual(['warn']);
});

test('what keeps events from coming is told once, and its end', async () => {
  const messages = ({ logs }: ReturnType<typeof run>) => logs.map((line) => String(JSON.parse(line).message));
  const quiet = run({});
  const troubled = run({ watch: inTurn(failing(403), failing(403), failing(403), bringing(change('ADDED', '101'))) });
  await pass(MINUTE);
  expect(messages(quiet)).toEqual(['watching']);
  expect(messages(troubled)).toEqual([
    'no permission to read events in all namespaces: the relay needs get, list and watch on events',
    'watching',
    'watching again',
  ]);
});
