import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import type { MetadataApi } from '../../../relay/cluster/metadata-api.ts';
import { createLookup } from '../../../relay/context/lookup.ts';
import { bytesOf, metadataOf } from '../../../relay/context/metadata.ts';
import type { ObjectRef } from '../../../relay/context/object.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pod = (name: string, more: Partial<ObjectRef> = {}): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace: 'shop',
  name,
  uid: '',
  ...more,
});

/** A lookup whose requests are answered by `answer`, and the paths of these requests. */
function setup(answer: (name: string) => unknown = (name) => ({ name })) {
  const asked: string[] = [];
  const logs: string[] = [];
  const api: MetadataApi = {
    async resources(apiVersion) {
      asked.push(apiVersion);
      if (apiVersion === 'broken/v1') throw new Error('no');
      if (apiVersion === 'silent/v1') await new Promise(() => {});
      const kinds = apiVersion === 'v1' ? { Pod: 'pods', Secret: 'secrets', ConfigMap: 'configmaps' } : {};
      return new Map(
        Object.entries(kinds).map(([kind, name]) => [kind, { apiVersion, name, namespaced: true }] as const),
      );
    },
    async metadata(resource, namespace, name) {
      asked.push(`${resource.name} ${namespace}/${name}`);
      const given = await answer(name);
      if (given instanceof Error) throw given;
      return given;
    },
  };
  const lookup = createLookup(api, (_level, message) => logs.push(message));
  const kindOf = (object: ObjectRef) => lookup.get(object).answer?.kind;
  return { lookup, asked, logs, kindOf, ask: (object: ObjectRef) => lookup.ask(object, never) };
}

const status = (code: number, retryAfter?: string) => new ApiError(code, {}, retryAfter);

test('what was asked is known, until it has become old', async () => {
  const { lookup, asked, ask } = setup((name) => ({ name, labels: { app: 'web' } }));
  expect(lookup.get(pod('a'))).toEqual({ answer: undefined, isDue: true });

  expect(await ask(pod('a'))).toBe(true);

  expect(asked).toEqual(['v1', 'pods shop/a']);
  expect(lookup.get(pod('a'))).toMatchObject({
    answer: { kind: 'found', metadata: { labels: { app: 'web' } } },
    isDue: false,
  });
  vi.advanceTimersByTime(5 * MINUTE);
  expect(lookup.get(pod('a'))).toMatchObject({ answer: { kind: 'found' }, isDue: true });
});

test('two that ask at once share one request', async () => {
  const { asked, ask } = setup();
  expect(await Promise.all([ask(pod('a')), ask(pod('a')), ask(pod('b'))])).toEqual([true, true, true]);
  expect(asked).toEqual(['v1', 'pods shop/a', 'pods shop/b']);
});

test.each([
  [404, 'missing', MINUTE],
  [403, 'forbidden', 5 * MINUTE],
  [500, 'failed', 10_000],
  [429, 'failed', 10_000],
  [401, 'failed', 10_000],
])('a server that answers %i is not asked about the object again for a while', async (code, kind, ageMs) => {
  const { lookup, ask, kindOf } = setup(() => status(code));
  expect(await ask(pod('a'))).toBe(true);

  expect(kindOf(pod('a'))).toBe(kind);
  vi.advanceTimersByTime(ageMs - 1);
  expect(lookup.get(pod('a')).isDue).toBe(false);
  vi.advanceTimersByTime(1);
  expect(lookup.get(pod('a')).isDue).toBe(true);
});

test.each([
  ['no object', undefined],
  ['another object', { name: 'b' }],
  ['garbage', '<html>'],
])('%s as the answer is none', async (_, answer) => {
  const { ask, kindOf } = setup(() => answer);
  await ask(pod('a'));
  expect(kindOf(pod('a'))).toBe('failed');
});

test('what may not be read is asked for once in a namespace, and told once', async () => {
  const { asked, logs, ask, kindOf } = setup(() => status(403));
  for (const name of ['a', 'b']) await ask(pod(name));
  await ask(pod('a', { namespace: 'billing' }));

  expect(asked).toEqual(['v1', 'pods shop/a', 'pods billing/a']);
  expect(kindOf(pod('b'))).toBe('forbidden');
  expect(logs).toEqual(['pods may not be read, and have no context']);
});

test('what was found before is kept while the server fails', async () => {
  let fails = false;
  const { ask, kindOf } = setup((name) => (fails ? status(503) : { name }));
  await ask(pod('a'));
  fails = true;
  vi.advanceTimersByTime(5 * MINUTE);
  await ask(pod('a'));
  expect(kindOf(pod('a'))).toBe('found');
});

test('after a failure nothing is asked for a while, longer each time, or as long as the server wants', async () => {
  let answer: unknown = status(503);
  const { asked, ask } = setup(() => answer);
  await ask(pod('a'));
  expect(await ask(pod('b'))).toBe(false);
  expect(asked).toHaveLength(2);
  vi.advanceTimersByTime(500);
  expect(await ask(pod('b'))).toBe(true);
  vi.advanceTimersByTime(400);
  expect(await ask(pod('c'))).toBe(false);

  vi.advanceTimersByTime(600);
  answer = status(429, '20');
  await ask(pod('c'));
  vi.advanceTimersByTime(19_999);
  expect(await ask(pod('d'))).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await ask(pod('d'))).toBe(true);
});

const UID = '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b';

test.each([
  [UID, UID, 'found'],
  [UID, UID.replace('9', '8'), 'missing'],
  // As kubelets name nodes and static pods.
  ['node-1', UID, 'found'],
  ['0f1e2d3c4b5a69788796a5b4c3d2e1f0', UID, 'found'],
  [`${UID}-node-1`, UID, 'found'],
  [`node-1-${UID}`, UID, 'found'],
  [UID, 'node-1', 'found'],
])('an object of uid %s is that of uid %s: %s', async (uid, now, kind) => {
  const { ask, kindOf } = setup((name) => ({ name, uid: now }));
  await ask(pod('a', { uid }));
  expect(kindOf(pod('a', { uid }))).toBe(kind);
});

test.each([
  pod(''),
  pod('..'),
  pod('a/b'),
  pod('a?b'),
  pod('a', { namespace: '..' }),
  pod('a', { apiVersion: '' }),
  pod('a', { apiVersion: '../v1' }),
  pod('a', { apiVersion: 'a/b/v1' }),
  pod('a', { apiVersion: 'v1/..' }),
  pod('a', { kind: '' }),
  pod('a', { kind: 'pods/log' }),
  pod('a', { kind: 'Secret' }),
  pod('a', { kind: 'ConfigMap' }),
])('is never to ask for %j', (object) => {
  expect(setup().lookup.get(object)).toEqual({ answer: undefined, isDue: false });
});

test('a kind that the server does not have is missing, without a request of its own', async () => {
  const { asked, ask, kindOf } = setup();
  const rollout = pod('web', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' });
  await ask(rollout);
  await ask({ ...rollout, name: 'other' });
  expect(asked).toEqual(['argoproj.io/v1alpha1']);
  expect(kindOf(rollout)).toBe('missing');
});

test('while nothing is answered, few wait for it: whoever else asks goes without', async () => {
  const { ask } = setup(() => new Promise(() => {}));
  const fates = Array.from({ length: 100 }, (_, nth) => ask(pod(`p${nth}`, { apiVersion: 'silent/v1' })));
  const waiting = Promise.resolve('waiting');
  const now = await Promise.all(fates.map((fate) => Promise.race([fate, waiting])));
  expect(now.filter((fate) => fate === 'waiting')).toHaveLength(20);
  expect(now.filter((fate) => fate === false)).toHaveLength(80);
});

test('a discovery that fails is made anew', async () => {
  const { asked, ask } = setup();
  const object = pod('a', { apiVersion: 'broken/v1' });
  await ask(object);
  vi.advanceTimersByTime(MINUTE);
  await ask(object);
  expect(asked).toEqual(['broken/v1', 'broken/v1']);
});

test('what the server has is asked for again after ten minutes', async () => {
  const { asked, ask } = setup();
  const discoveries = () => asked.filter((each) => each === 'v1').length;
  await ask(pod('a'));
  vi.advanceTimersByTime(10 * MINUTE - 1);
  await ask(pod('b'));
  expect(discoveries()).toBe(1);
  vi.advanceTimersByTime(1);
  await ask(pod('c'));
  expect(discoveries()).toBe(2);
});

test('of group versions two hundred are remembered: events may name any number', async () => {
  const { asked, ask } = setup();
  let pods = 0;
  const askIn = async (group: number): Promise<void> => {
    vi.advanceTimersByTime(100);
    await ask(pod(`p${(pods += 1)}`, { apiVersion: `g${group}/v1` }));
  };
  for (let group = 0; group < 200; group += 1) await askIn(group);
  await askIn(0);
  expect(asked).toHaveLength(200);
  await askIn(200);
  await askIn(0);
  expect(asked.slice(200)).toEqual(['g200/v1', 'g0/v1']);
});

test('pauses after failures last no longer than half a minute', async () => {
  // Without it, each pause is shortened at random.
  const random = vi.spyOn(Math, 'random').mockReturnValue(1);
  try {
    const { ask } = setup(() => status(503));
    for (let failures = 1; failures < 10; failures += 1) {
      expect(await ask(pod(`p${failures}`))).toBe(true);
      vi.advanceTimersByTime(30_000);
    }
    expect(await ask(pod('last'))).toBe(true);
    vi.advanceTimersByTime(29_999);
    expect(await ask(pod('other'))).toBe(false);
  } finally {
    random.mockRestore();
  }
});

test('two mebibytes of metadata are remembered, and of more what was used last', async () => {
  const texts = Object.fromEntries(Array.from({ length: 4 }, (_, nth) => [`${nth}`, '\u0001'.repeat(1000)]));
  const answer = (name: string) => ({ name, labels: texts, annotations: texts });
  const { ask, kindOf } = setup(answer);
  const most = Math.floor((2 * 1024 * 1024) / bytesOf(metadataOf(answer('p00'), 'p00')));
  const nameOf = (nth: number): string => `p${String(nth).padStart(2, '0')}`;
  const known = () => Array.from({ length: most + 1 }, (_, nth) => kindOf(pod(nameOf(nth)))).indexOf('found');
  for (let nth = 0; nth <= most; nth += 1) {
    if (nth === most) expect(known()).toBe(0);
    vi.advanceTimersByTime(200);
    await ask(pod(nameOf(nth)));
  }
  expect(known()).toBe(1);
});

test('whatever is asked and however it ends, no second has more than ten requests', async () => {
  const step = fc.record({
    afterMs: fc.nat(300),
    names: fc.array(fc.nat(200), { maxLength: 20 }),
    answer: fc.constantFrom(200, 404, 403, 500),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      let code = 200;
      const times: number[] = [];
      const { asked, ask } = setup((name) => (code === 200 ? { name } : status(code)));
      for (const { afterMs, names, answer } of steps) {
        await vi.advanceTimersByTimeAsync(afterMs);
        code = answer;
        await Promise.all(names.map((name) => ask(pod(`p${name}`))));
        while (times.length < asked.length) times.push(performance.now());
      }
      for (const [nth, time] of times.entries()) {
        const tenth = times[nth - 10];
        if (tenth !== undefined) expect(time - tenth).toBeGreaterThanOrEqual(1000);
      }
    }),
  );
});
