import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Frame } from '../../../relay/cluster/frames.ts';
import type { EventApi } from '../../../relay/cluster/event-api.ts';
import { createNamespaces } from '../../../relay/context/namespaces.ts';
import { bytesOf, metadataOf } from '../../../relay/context/metadata.ts';
import { sleep } from '../../../relay/wait.ts';

const stopping = { now: new AbortController() };

beforeEach(() => {
  vi.useFakeTimers();
  stopping.now = new AbortController();
});
afterEach(() => {
  vi.useRealTimers();
});

const frame = (value: unknown): Frame => ({ line: Buffer.from(JSON.stringify(value)) });
const namespace = (name: string, team: string, resourceVersion = '1') => ({
  metadata: { name, resourceVersion, labels: { team } },
});

type Watch = (from: string | undefined, over: Promise<void>) => AsyncGenerator<readonly Frame[]>;

/** Namespaces on an API server that lists `pages`, and whose watches are these, one after the other; the last one again and again. */
function setup(pages: (nth: number) => readonly (readonly Frame[])[], ...watches: readonly Watch[]) {
  const asked: string[] = [];
  const logs: string[] = [];
  let lists = 0;
  let watched = 0;
  const api: Pick<EventApi, 'page' | 'watch'> = {
    async *page(token, _signal, onHead) {
      asked.push(`list ${token}`);
      if (token === '') lists += 1;
      const all = pages(lists);
      const nth = Number(token || '0');
      yield all[nth] ?? [];
      onHead({ resourceVersion: String(100 * lists), continue: nth + 1 < all.length ? String(nth + 1) : '' });
    },
    async *watch(from, signal, onOpen, inInitialEvents) {
      asked.push(`watch ${from}`);
      // They were listed: a watch may be silent from its beginning on.
      expect(inInitialEvents()).toBe(false);
      onOpen();
      const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      const next = watches[Math.min(watched, watches.length - 1)];
      watched += 1;
      if (next === undefined) await over;
      else yield* next(from, over);
    },
  };
  const namespaces = createNamespaces(api, (_level, message) => logs.push(message));
  const running = namespaces.run(stopping.now.signal);
  const stop = async (): Promise<void> => {
    stopping.now.abort();
    await vi.advanceTimersByTimeAsync(0);
    await running;
    expect(vi.getTimerCount()).toBe(0);
  };
  return { asked, logs, stop, teamOf: (name: string) => namespaces.of(name)?.labels['team'] };
}

test('are known once all are listed, and follow what changes', async () => {
  const changes: Watch = async function* (_, over) {
    yield [
      frame({ type: 'MODIFIED', object: namespace('shop', 'b', '101') }),
      frame({ type: 'ADDED', object: namespace('new', 'c', '102') }),
      frame({ type: 'DELETED', object: namespace('billing', 'a', '103') }),
      frame({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '104' } } }),
    ];
    await over;
  };
  const pages = [[frame(namespace('shop', 'a'))], [frame(namespace('billing', 'a')), frame({ metadata: 7 })]];
  const { asked, teamOf, stop } = setup(() => pages, changes);
  await vi.advanceTimersByTimeAsync(0);

  expect(asked).toEqual(['list ', 'list 1', 'watch 100']);
  expect(['shop', 'new', 'billing', 'other'].map(teamOf)).toEqual(['b', 'c', undefined, undefined]);
  await stop();
});

test('a watch that has lasted goes on where it ended', async () => {
  const lasting: Watch = async function* (from) {
    yield [frame({ type: 'MODIFIED', object: namespace('shop', 'b', `${from}1`) })];
    await sleep(150_000, stopping.now.signal);
  };
  const quiet: Watch = async function* (_, over) {
    yield [];
    await over;
  };
  const { asked, stop } = setup(() => [[]], lasting, quiet);
  await vi.advanceTimersByTimeAsync(150_000);
  expect(asked).toEqual(['list ', 'watch 100', 'watch 1001']);
  await stop();
});

test.each<[string, Watch]>([
  [
    'an expired version',
    async function* () {
      yield [frame({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })];
    },
  ],
  [
    'a watch that ends at once',
    async function* () {
      yield [];
    },
  ],
  [
    'garbage',
    async function* () {
      yield [{ line: Buffer.from('<html>') }];
    },
  ],
])('after %s they are listed anew, ever more slowly, and what was known is kept', async (_, watch) => {
  const { asked, teamOf, stop } = setup(() => [[frame(namespace('shop', 'a'))]], watch);
  await vi.advanceTimersByTimeAsync(60_000);
  const lists = asked.filter((each) => each.startsWith('list')).length;
  expect(lists).toBeGreaterThan(2);
  expect(lists).toBeLessThan(15);
  expect(teamOf('shop')).toBe('a');
  await stop();
});

test('where they may not be read, it is told once, and they are tried ever more slowly', async () => {
  const { asked, logs, teamOf, stop } = setup(() => {
    throw new Error('forbidden');
  });
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(asked.length).toBeLessThan(40);
  expect(logs).toEqual(['namespaces cannot be read, and their labels may be missing or old']);
  expect(teamOf('shop')).toBeUndefined();
  await stop();
});

test.each([
  [4999, ['list ', 'watch 100', 'list ']],
  [5000, ['list ', 'watch 100', 'watch 100']],
])('a watch that ends after %i ms is followed by %j', async (ms, expected) => {
  const ending: Watch = async function* () {
    yield [];
    await sleep(ms, stopping.now.signal);
  };
  const { asked, stop } = setup(() => [[]], ending);
  await vi.advanceTimersByTimeAsync(7000);
  expect(asked.slice(0, 3)).toEqual(expected);
  await stop();
});

test('pauses between lists grow from a second to a minute', async () => {
  // Without it, each pause is shortened at random.
  const random = vi.spyOn(Math, 'random').mockReturnValue(1);
  try {
    const start = performance.now();
    const seconds: number[] = [];
    const { stop } = setup(() => {
      seconds.push((performance.now() - start) / 1000);
      throw new Error('forbidden');
    });
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    expect(seconds).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    await stop();
  } finally {
    random.mockRestore();
  }
});

test('two mebibytes of them are known, and of more what was listed last', async () => {
  const texts = Object.fromEntries(Array.from({ length: 4 }, (_, nth) => [`${nth}`, '\u0001'.repeat(1000)]));
  const listed = (nth: number) => ({
    metadata: { name: `n${String(nth).padStart(2, '0')}`, labels: { ...texts, team: 'a' }, annotations: texts },
  });
  const most = Math.floor((2 * 1024 * 1024) / bytesOf(metadataOf(listed(0).metadata, 'n00')));
  for (const [count, first] of [[most, 'a'] as const, [most + 1, undefined] as const]) {
    const { teamOf, stop } = setup(() => [Array.from({ length: count }, (_, nth) => frame(listed(nth)))]);
    await vi.advanceTimersByTimeAsync(0);
    expect([teamOf('n00'), teamOf('n01')]).toEqual([first, 'a']);
    await stop();
    stopping.now = new AbortController();
  }
});
