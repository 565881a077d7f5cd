import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayHandle } from '../../relay/relay.ts';
import { serviceAccountAccess } from '../../relay/cluster/service-account.ts';
import { errorFrame, fail, type ScriptedApiServer, type StoredEvent, startApiServer } from '../support/api-server.ts';
import { makeCertificates } from '../support/services/certificates.ts';
import { accessTo, createTestQueue, runRelay, type TestQueue, UNAVAILABLE, until } from '../support/relay.ts';

let server: ScriptedApiServer;
let queue: TestQueue;
let folder: string;
const relays: RelayHandle[] = [];

beforeEach(async () => {
  server = await startApiServer();
  queue = createTestQueue();
  folder = await mkdtemp(join(tmpdir(), 'relay-test-'));
});

afterEach(async () => {
  queue.script(undefined);
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await server.close();
  await rm(folder, { recursive: true });
});

type Options = Parameters<typeof runRelay> extends [unknown, unknown, ...infer Rest] ? Rest : never;

async function relay(...options: Options) {
  const started = await runRelay(server, queue, ...options);
  relays.push(started);
  return started;
}

/** A relay that has listed and watches. */
async function watching(...options: Options) {
  const started = await relay(...options);
  await until(() => server.watchCount() > 0 && queue.heartbeats().length === 1, 'the watch');
  return started;
}

const idOf = ({ uid, version }: StoredEvent): string => `${uid}/${version}`;
const putAll = (...names: readonly string[]): readonly StoredEvent[] => names.map((name) => server.put({ name }));

async function delivered(events: readonly StoredEvent[]): Promise<void> {
  const missing = (): readonly string[] => {
    const ids = new Set(queue.ids());
    return events.map(idOf).filter((id) => !ids.has(id));
  };
  await until(() => missing().length === 0, `delivery of ${events.length} events`);
  expect(missing()).toEqual([]);
}

const isWatch = (url: URL): boolean => url.searchParams.has('watch');

async function ready(handle: RelayHandle): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${handle.port}/readyz`);
  return { status: response.status, text: await response.text() };
}

async function metric(handle: RelayHandle, line: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${handle.port}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(`kube_courier_relay_${line} `))
      ?.split(' ')[1] ?? 0,
  );
}

describe('where no list is needed, every version arrives once', () => {
  test('when the server ends the watch', async () => {
    await watching();
    const events = [...putAll('a', 'b')];
    await delivered(events);
    server.dropWatches('end');
    events.push(...putAll('a', 'a', 'c'));
    await delivered(events);
    expect(queue.ids().toSorted()).toEqual(events.map(idOf).toSorted());
    expect(queue.gaps()).toEqual([]);
  });

  test('when the server is silent past its time with the connection open', async () => {
    await watching({}, { timing: { watchSeconds: () => 1, graceMs: 200 } });
    server.muteWatches();
    const events = putAll('a', 'a', 'b');
    await delivered(events);
    expect(queue.ids()).toHaveLength(3);
  });

  test('when the server never answers the watch', async () => {
    let held = 0;
    server.intercept((url) => isWatch(url) && (held += 1) <= 2);
    const started = await relay({}, { timing: { answerMs: 300 } });
    await until(() => held >= 2, 'the watch to hang');
    const events = putAll('a', 'b');
    await delivered(events);
    expect((await ready(started)).status).toBe(200);
  });

  test('when the API server is away for a while', async () => {
    const started = await watching();
    const events = [...putAll('a')];
    await delivered(events);
    await server.setDown(true);
    events.push(...putAll('a', 'b'));
    await until(async () => (await ready(started)).status === 503, 'the relay to notice');
    await server.setDown(false);
    await delivered(events);
    await until(async () => (await ready(started)).status === 200, 'readiness');
    expect(queue.ids()).toHaveLength(3);
  });

  test.each([500, 502, 503, 504])('when watches are answered %i', async (status) => {
    let refused = 0;
    await watching();
    server.intercept((url, _, response) => {
      if (!isWatch(url) || (refused += 1) > 2) return false;
      fail(response, status, 'InternalError', 'no');
      return true;
    });
    server.dropWatches('reset');
    const events = putAll('a', 'a');
    await delivered(events);
    expect(queue.ids()).toHaveLength(2);
  });

  test.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2000).toUTCString()],
  ])('when a 429 asks to be left alone, in %s', async (_, retryAfter) => {
    const asked: number[] = [];
    server.put({ name: 'a' });
    server.intercept((_url, _request, response) => {
      asked.push(performance.now());
      if (asked.length > 1) return false;
      response.setHeader('retry-after', retryAfter());
      fail(response, 429, 'TooManyRequests', 'later');
      return true;
    });
    await relay();
    await until(() => queue.ids().length === 1, 'the event');
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(900);
  });

  test('when characters and frames are split over chunks', async () => {
    await watching();
    const event = server.put({ name: 'a', message: 'plain' });
    await delivered([event]);
    const version = server.version() + 1;
    const object = {
      metadata: { name: 'split', uid: 'split', resourceVersion: String(version) },
      message: 'größer 😀 \\" }{',
    };
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\r\n`);
    for (const byte of bytes) {
      server.writeRaw(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => queue.ids().includes(`split/${version}`), 'the split frame');
    expect(queue.events().at(-1)?.event.message).toBe('größer 😀 \\" }{');
  });

  test('when a frame is garbled once', async () => {
    const started = await watching();
    server.writeRaw('{"type":"ADDED","object":{"metada\n');
    const events = putAll('a', 'b');
    await delivered(events);
    expect(queue.gaps()).toEqual([]);
    expect(await metric(started, 'unreadable_frames_total{kind="not_json"}')).toBe(1);
  });

  test('when frames of an unknown type come, or events without a uid', async () => {
    const started = await watching();
    server.writeRaw('{"type":"SURPRISE","object":{"metadata":{}}}\n');
    server.writeRaw('{"type":"ADDED","object":{"metadata":{"name":"no-uid","resourceVersion":"1001"}}}\n');
    const events = putAll('a');
    await delivered(events);
    expect(queue.events()).toMatchObject(['no-uid', 'a'].map((name) => ({ event: { metadata: { name } } })));
    expect(await metric(started, 'unreadable_frames_total{kind="unknown_type"}')).toBe(1);
  });

  test('when a bookmark and deletions move the version on', async () => {
    await watching();
    const events = putAll('a');
    server.remove('default', 'a');
    await delivered(events);
    server.dropWatches('reset');
    const more = putAll('b');
    await delivered(more);
    expect(queue.ids()).toHaveLength(2);
    const resumed = server.requests
      .filter(({ url }) => isWatch(url))
      .at(-1)
      ?.url.searchParams.get('resourceVersion');
    expect(Number(resumed)).toBeGreaterThan(events[0]?.version ?? 0);
  });
});

describe('where a list is needed, the latest version of every surviving object arrives', () => {
  test('after a 410 as an ERROR frame in an open stream', async () => {
    const started = await watching();
    await delivered(putAll('a', 'b'));
    server.intercept(isWatch);
    server.expireWatches();
    const missed = putAll('a', 'a', 'c');
    server.compact();
    server.intercept(undefined);
    await delivered(missed.slice(1));
    expect(queue.ids()).toHaveLength(4);
    expect(queue.gaps()).toEqual([]);
    expect(await metric(started, 'relists_total{cause="expired"}')).toBe(1);
  });

  test('after a 410 as the first frame of a new stream', async () => {
    const started = await watching();
    await delivered(putAll('a', 'b'));
    let refused = false;
    server.intercept((url, _, response) => {
      if (!isWatch(url)) return false;
      if (!refused) response.destroy();
      return !refused && (refused = true);
    });
    server.dropWatches('reset');
    const missed = putAll('a', 'a', 'c');
    server.compact();
    await delivered(missed.slice(1));
    expect(queue.ids()).toHaveLength(4);
    expect(queue.gaps()).toEqual([]);
    expect(await metric(started, 'relists_total{cause="expired"}')).toBe(1);
  });

  test.each([500, 504])('after the same version ends in an ERROR frame of %i twice', async (code) => {
    const started = await watching();
    await delivered(putAll('a'));
    let errors = 0;
    const stale = server.version();
    server.intercept((url, _, response) => {
      if (!isWatch(url) || Number(url.searchParams.get('resourceVersion')) > stale) return false;
      errors += 1;
      response.writeHead(200).end(`${errorFrame(code, 'InternalError')}\n`);
      return true;
    });
    server.dropWatches('reset');
    const missed = putAll('b', 'c');
    await delivered(missed);
    const live = putAll('d');
    await delivered(live);
    expect(errors).toBe(2);
    expect(queue.gaps()).toEqual([]);
    expect(await metric(started, 'relists_total{cause="repeated-error"}')).toBe(1);
    await until(async () => (await ready(started)).status === 200, 'readiness');
  });

  test('after a stale version is answered with an empty stream that ends at once', async () => {
    const started = await watching();
    let empty = 0;
    server.intercept((url, _, response) => {
      if (!isWatch(url) || (empty += 1) > 2) return false;
      response.writeHead(200).end();
      return true;
    });
    server.dropWatches('end');
    const missed = putAll('a');
    await delivered(missed);
    expect(await metric(started, 'relists_total{cause="empty-watch"}')).toBe(1);
    expect(queue.gaps()).toEqual([]);
  });

  test('after the cluster was restored to an earlier state', async () => {
    const started = await watching();
    const kept = putAll('kept');
    const snapshot = server.snapshot();
    const gone = putAll('gone', 'gone-too');
    await delivered([...kept, ...gone]);
    server.restore(snapshot);
    await until(() => queue.gaps().length === 1, 'the gap');
    expect(queue.gaps()[0]?.cause).toBe('restore');
    await until(() => server.watchCount() === 1, 'the watch');
    const after = putAll('after');
    await delivered(after);
    expect(queue.ids().filter((id) => id === idOf(kept[0] ?? after[0] ?? gone[0] ?? fail0()))).toHaveLength(2);
    expect(await metric(started, 'relists_total{cause="restore"}')).toBe(1);
  });

  test('with a list of many pages whose token expires on the way', async () => {
    const existing = Array.from({ length: 1200 }, (_, i) => server.put({ name: `e${i}` }));
    let pages = 0;
    server.intercept((url) => {
      if (url.searchParams.has('continue') && (pages += 1) === 1) server.compact();
      return false;
    });
    await relay();
    await delivered(existing);
    await until(() => server.watchCount() === 1, 'the watch');
    const live = putAll('live');
    await delivered(live);
    expect(queue.gaps()).toEqual([]);
  });

  test('with a page cut in the middle, of which nothing is sent twice', async () => {
    const existing = Array.from({ length: 1200 }, (_, i) => server.put({ name: `e${i}` }));
    let cut = 0;
    server.intercept((url, _, response) => {
      if (url.searchParams.has('continue') && (cut += 1) === 1) cutAfter(response, 60_000);
      return false;
    });
    await relay();
    await delivered(existing);
    expect(queue.ids()).toHaveLength(1200);
  });

  test('with WatchList where it is offered', async () => {
    await server.close();
    server = await startApiServer({ watchList: true });
    const existing = putAll('a', 'b', 'c');
    await watching();
    const live = putAll('a');
    await delivered([...existing, ...live]);
    expect(queue.events().map(({ change }) => change)).toEqual(['listed', 'listed', 'listed', 'modified']);
    expect(server.requests.filter(({ url }) => url.searchParams.get('limit') === '500')).toEqual([]);
  });

  test.each([
    ['refused', (response: ServerResponse) => fail(response, 422, 'Invalid', 'the gate is off')],
    ['ended before its end', (response: ServerResponse) => void response.writeHead(200).end()],
  ])('with pages where WatchList is %s', async (_, answer) => {
    await server.close();
    server = await startApiServer({ watchList: true });
    server.intercept((url, _request, response) => {
      if (!url.searchParams.has('sendInitialEvents')) return false;
      answer(response);
      return true;
    });
    const existing = putAll('a', 'b');
    await watching();
    await delivered(existing);
    expect(queue.ids()).toHaveLength(2);
  });
});

describe('what cannot be read or accepted is declared', () => {
  test.each([
    ['not JSON', `{"type":"ADDED","object":{"metada${'\n'}`],
    ['too long', `{"type":"ADDED","object":{"x":"${'x'.repeat(2 * 1024 * 1024 + 10)}"}}\n`],
    ['an ADDED without an object', '{"type":"ADDED","object":null}\n'],
    ['an ADDED without metadata', '{"type":"ADDED","object":{"metadata":null}}\n'],
    ['a MODIFIED whose object is a list', '{"type":"MODIFIED","object":[{"metadata":{}}]}\n'],
    ['a DELETED whose metadata is a number', '{"type":"DELETED","object":{"metadata":7}}\n'],
    ['a BOOKMARK whose metadata is a list', '{"type":"BOOKMARK","object":{"metadata":[]}}\n'],
    ['no object at all', '7\n'],
  ])('a frame that is %s every time is skipped with a gap, once', async (_, bad) => {
    await watching();
    const before = putAll('before');
    await delivered(before);
    // The bad frame belongs to the history: whoever watches from before it gets it first.
    server.intercept((url, _request, response) => {
      if (isWatch(url)) setImmediate(() => response.write(bad));
      return false;
    });
    server.dropWatches('reset');
    await until(() => queue.gaps().length === 1, 'the gap');
    const after = putAll('after');
    await delivered(after);
    expect(queue.gaps()).toMatchObject([{ cause: 'unreadable' }]);
    expect(queue.ids()).toHaveLength(2);
  });

  test.each([
    ['in pages', false],
    ['by WatchList', true],
  ])('an item of a list, %s, that is no event is skipped with a gap, once', async (_, watchList) => {
    await server.close();
    server = await startApiServer({ watchList });
    const good = putAll('a', 'b');
    server.put({ name: 'bad', metadata: null });
    await watching();
    await until(() => queue.gaps().length > 0, 'the gap');
    const after = putAll('after');
    await delivered([...good, ...after]);
    expect(queue.gaps()).toMatchObject([{ cause: 'unreadable' }]);
  });

  test('an event that the queue refuses is declared, and the rest goes on', async () => {
    queue.script((bodies) => ({
      status: 'answered',
      results: bodies.map((body) =>
        body.includes('poison') && /"kind":"events?"/.test(body)
          ? { status: 'refused', code: 'InvalidMessageContents', detail: 'no' }
          : { status: 'accepted' },
      ),
    }));
    await watching();
    const events = putAll('a', 'poison', 'b');
    await until(() => queue.gaps().length === 1, 'the gap');
    await delivered([events[0] ?? fail0(), events[2] ?? fail0()]);
    expect(queue.gaps()[0]).toMatchObject({ cause: 'refused' });
    expect(queue.gaps()[0]?.detail).toContain(`${events[1]?.uid}/${events[1]?.version}`);
  });

  test('an event beyond 256 KiB is shortened with a mark', async () => {
    await watching();
    server.put({ name: 'long', message: '"ü\n'.repeat(200_000) });
    await until(() => queue.ids().length === 1, 'the event');
    expect(queue.events()[0]?.shortened).toEqual(['message']);
  });

  test.each([
    ['long ago', 60, ['expired']],
    ['recently', 40, []],
  ])('a cursor last seen %s', async (_, minutes, causes) => {
    const cursor = join(folder, 'cursor');
    const before = server.put({ name: 'before' });
    const observedAt = new Date(Date.now() - minutes * 60_000).toISOString();
    await writeFile(cursor, JSON.stringify({ v: 1, streams: { '*': { rv: String(before.version), observedAt } } }));
    const missed = putAll('missed');
    server.compact();
    await relay({ cursor: { kind: 'file', path: cursor } });
    await delivered(missed);
    expect(queue.ids()).toHaveLength(1);
    expect(queue.gaps().map(({ cause }) => cause)).toEqual(causes);
    expect(queue.gaps().map(({ from }) => from)).toEqual(causes.map(() => observedAt));
  });

  test.each([
    ['the answers carry a date that is a day ahead', 24 * 60 * 60_000, 0],
    ['the cursor was saved a day ahead', 0, 24 * 60 * 60_000],
  ])('a cursor where %s', async (_, dateAheadMs, savedAheadMs) => {
    const cursor = join(folder, 'cursor');
    const before = server.put({ name: 'before' });
    const observedAt = new Date(Date.now() - 60 * 60_000 + (savedAheadMs === 0 ? 0 : savedAheadMs)).toISOString();
    await writeFile(cursor, JSON.stringify({ v: 1, streams: { '*': { rv: String(before.version), observedAt } } }));
    server.intercept((_url, _request, response) => {
      response.setHeader('date', new Date(Date.now() + dateAheadMs).toUTCString());
      return false;
    });
    const missed = putAll('missed');
    server.compact();
    const started = await relay({ cursor: { kind: 'file', path: cursor } });
    await delivered(missed);
    expect(queue.gaps()).toMatchObject([{ cause: 'expired' }]);
    expect(Date.parse(queue.gaps()[0]?.to ?? '')).toBeLessThan(Date.now() + 60_000);
    await started.stop();
    const saved = JSON.parse(await readFile(cursor, 'utf8')).streams['*'];
    expect(Date.parse(saved.observedAt)).toBeLessThan(Date.now() + 60_000);
  });

  test.each(['not JSON', '{"v":2,"streams":{}}', '{"v":1,"streams":{"*":{"rv":"1"}}}'])(
    'a cursor that cannot be read: %s',
    async (text) => {
      const cursor = join(folder, 'cursor');
      await writeFile(cursor, text);
      const existing = putAll('a', 'b');
      await relay({ cursor: { kind: 'file', path: cursor }, startFrom: { kind: 'now' } });
      await delivered(existing);
      expect(queue.gaps()).toMatchObject([{ cause: 'cursor-lost' }]);
    },
  );
});

describe('the queue', () => {
  test('while it does not accept, the socket is not read, and afterwards nothing is missing', async () => {
    const started = await watching({}, { limits: { highEvents: 100, lowEvents: 20 } });
    queue.script(() => UNAVAILABLE);
    const events = Array.from({ length: 3000 }, (_, i) => server.put({ name: `e${i}`, message: 'x'.repeat(2000) }));
    await until(async () => (await ready(started)).status === 503, 'unreadiness');
    expect((await ready(started)).text).toContain('the queue cannot be reached');
    // What one chunk of the socket holds comes on top of the mark.
    await until(() => started.counts().seen >= 100, 'a full buffer');
    expect(started.counts().seen).toBeLessThan(300);
    queue.script(undefined);
    await delivered(events);
    expect(queue.ids()).toHaveLength(3000);
    expect((await ready(started)).status).toBe(200);
  });

  test('only the entries that failed are sent again', async () => {
    await watching();
    let failures = 0;
    let sent = 0;
    queue.script((bodies) => ({
      status: 'answered',
      results: bodies.map(() =>
        (sent += 1) % 3 === 1 && (failures += 1) < 50
          ? { status: 'retry', code: 'InternalError' }
          : { status: 'accepted' },
      ),
    }));
    const events = Array.from({ length: 100 }, (_, i) => server.put({ name: `e${i}` }));
    await delivered(events);
    expect(queue.ids()).toHaveLength(100);
    expect(failures).toBeGreaterThan(0);
  });
});

describe('what is sent', () => {
  test('all 200 versions of one object, each with the count before', async () => {
    await watching();
    const versions = Array.from({ length: 200 }, () => server.put({ name: 'again' }));
    await delivered(versions);
    expect(queue.events().map(({ previousCount }) => previousCount)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('from now on, if START_FROM says so', async () => {
    putAll('old');
    await watching({ startFrom: { kind: 'now' } });
    const live = putAll('live');
    await delivered(live);
    expect(queue.ids()).toHaveLength(1);
  });

  test('what happened in the look-back, and what has no time at all', async () => {
    const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    server.put({ name: 'old', lastTimestamp: at(11) });
    const recent = server.put({ name: 'recent', lastTimestamp: at(9) });
    const series = server.put({ name: 'series', lastTimestamp: at(60), series: { count: 9, lastObservedTime: at(1) } });
    const odd = server.put({ name: 'odd', lastTimestamp: '0001-01-01T00:00:00Z', firstTimestamp: null });
    await relay({ startFrom: { kind: 'lookBack', ms: 600_000 } });
    await delivered([recent, series, odd]);
    expect(queue.ids()).toHaveLength(3);
  });

  test('a crash loop before the first list is done does not move the look-back', async () => {
    const cursor = join(folder, 'cursor');
    const old = server.put({ name: 'old', lastTimestamp: new Date(Date.now() - 50 * 60_000).toISOString() });
    const started = new Date(Date.now() - 45 * 60_000).toISOString();
    await writeFile(cursor, JSON.stringify({ v: 1, streams: { '*': { observedAt: started } } }));
    await relay({ cursor: { kind: 'file', path: cursor }, startFrom: { kind: 'lookBack', ms: 600_000 } });
    await delivered([old]);
    expect(queue.gaps()).toEqual([]);
  });

  test('the start instant is saved before the first list', async () => {
    const cursor = join(folder, 'cursor');
    server.intercept((url) => url.searchParams.get('limit') === '500');
    await relay({ cursor: { kind: 'file', path: cursor }, startFrom: { kind: 'lookBack', ms: 600_000 } });
    await until(() => server.requests.some(({ url }) => url.searchParams.get('limit') === '500'), 'the list');
    const saved = JSON.parse(await readFile(cursor, 'utf8'));
    expect(Object.keys(saved.streams['*'])).toEqual(['observedAt']);
  });

  test('the namespaces asked for, each with a stream of its own', async () => {
    await relay({ namespaces: ['shop', 'billing'] });
    await until(() => server.watchCount() === 2, 'two watches');
    const wanted = [server.put({ name: 'a', namespace: 'shop' }), server.put({ name: 'b', namespace: 'billing' })];
    server.put({ name: 'c', namespace: 'other' });
    await delivered(wanted);
    expect(queue.ids()).toHaveLength(2);
  });
});

describe('being refused', () => {
  test('a rotated token is read again after a 401', async () => {
    await server.close();
    let valid = 'first';
    server = await startApiServer({ token: () => valid });
    let given = 'first';
    await relay({}, { access: accessTo(server.url, () => given) });
    await until(() => server.watchCount() === 1, 'the watch');
    valid = 'second';
    server.dropWatches('reset');
    given = 'second';
    await delivered(putAll('a'));
    expect(server.requests.at(-1)?.authorization).toBe('Bearer second');
  });

  test('a rotated certificate authority is read again', async () => {
    await server.close();
    const make = async (name: string) => {
      const at = join(folder, name);
      await mkdir(at);
      const { caFile, certificateFile, keyFile } = await makeCertificates(at);
      const [ca, cert, key] = await Promise.all(
        [caFile, certificateFile, keyFile].map((file) => readFile(file, 'utf8')),
      );
      return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
    };
    const [first, second] = await Promise.all([make('first'), make('second')]);
    let current = first;
    server = await startApiServer({ tls: () => current });
    await writeFile(join(folder, 'token'), 'token');
    await writeFile(join(folder, 'ca.crt'), first.ca);
    const started = await watching({}, { access: serviceAccountAccess('127.0.0.1', new URL(server.url).port, folder) });
    await server.setDown(true);
    current = second;
    await server.setDown(false);
    const events = putAll('a');
    await until(async () => (await ready(started)).text.includes('certificate'), 'the refusal');
    await writeFile(join(folder, 'ca.crt'), second.ca);
    await delivered(events);
    expect(queue.gaps()).toEqual([]);
  });

  test('a missing permission is named on /readyz and in one log line', async () => {
    server.intercept((_, _request, response) => {
      fail(response, 403, 'Forbidden', 'events is forbidden');
      return true;
    });
    const started = await relay({ namespaces: ['shop'] });
    await until(
      async () => (await ready(started)).text.includes('no permission to read events in namespace shop'),
      'the reason',
    );
    await until(() => server.requests.length >= 3, 'further attempts');
    expect(started.logs.filter((line) => line.includes('no permission'))).toHaveLength(1);
    expect((await ready(started)).status).toBe(503);
    expect((await fetch(`http://127.0.0.1:${started.port}/healthz`)).status).toBe(200);
  });

  test('a redirect is not followed', async () => {
    let elsewhere = 0;
    server.intercept((url, _, response) => {
      if (url.pathname === '/elsewhere') elsewhere += 1;
      response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
      return true;
    });
    const started = await relay();
    await until(async () => (await ready(started)).text.includes('redirects are refused'), 'the reason');
    expect(elsewhere).toBe(0);
  });

  test('an ERROR frame other than 410 is retried from the same version', async () => {
    await watching();
    const events = [...putAll('a')];
    await delivered(events);
    server.writeRaw(`${errorFrame(500, 'InternalError')}\n`);
    events.push(...putAll('a', 'b'));
    await delivered(events);
    expect(queue.ids()).toHaveLength(3);
  });
});

function cutAfter(response: ServerResponse, bytes: number): void {
  const end = response.end.bind(response);
  response.end = (chunk?: unknown) => {
    response.write(String(chunk).slice(0, bytes), () => response.destroy());
    response.end = end;
    return response;
  };
}

function fail0(): never {
  throw new Error('the test lost its event');
}
