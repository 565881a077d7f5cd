import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RelayHandle } from '../../relay/relay.ts';
import { type ScriptedApiServer, type StoredEvent, startApiServer } from '../support/api-server.ts';
import { createTestQueue, runRelay, type TestQueue, UNAVAILABLE, until } from '../support/relay.ts';

let server: ScriptedApiServer;
let queue: TestQueue;
const relays: RelayHandle[] = [];

beforeEach(async () => {
  server = await startApiServer();
  queue = createTestQueue();
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await server.close();
});

async function relay(...options: Parameters<typeof runRelay> extends [unknown, unknown, ...infer Rest] ? Rest : never) {
  const started = await runRelay(server, queue, ...options);
  relays.push(started);
  return started;
}

function has(...events: readonly StoredEvent[]): boolean {
  return events.every(({ uid, version }) => queue.ids().includes(`${uid}/${version}`));
}

test('lists what is there, then follows the watch', async () => {
  const old = server.put({ name: 'old' });
  await relay();
  await until(() => server.watchCount() === 1, 'the watch');
  const added = server.put({ name: 'new' });
  const again = server.put({ name: 'new' });
  await until(() => has(old, added, again), 'the three events');
  expect(queue.events().map(({ change, previousCount }) => [change, previousCount])).toEqual([
    ['listed', undefined],
    ['added', 0],
    ['modified', 1],
  ]);
  expect(queue.events()[0]?.event.metadata).not.toHaveProperty('managedFields');
  expect(queue.heartbeats()).toHaveLength(1);
  expect(queue.gaps()).toEqual([]);
});

test('resumes after a reset connection without losing a version or repeating one', async () => {
  await relay();
  await until(() => server.watchCount() === 1, 'the watch');
  const first = server.put({ name: 'a' });
  await until(() => has(first), 'the first event');
  server.dropWatches('reset');
  const missed = [server.put({ name: 'a' }), server.put({ name: 'a' }), server.put({ name: 'b' })];
  await until(() => has(...missed), 'the missed events');
  expect(queue.ids()).toHaveLength(4);
});

test('lists after a 410 and sends only what the cursor does not cover', async () => {
  await relay();
  await until(() => server.watchCount() === 1, 'the watch');
  const seen = server.put({ name: 'seen' });
  await until(() => has(seen), 'the first event');
  server.intercept((url, _, response) => {
    if (url.searchParams.get('watch') === null) return false;
    response.writeHead(410).end();
    return true;
  });
  server.dropWatches('reset');
  const missed = server.put({ name: 'missed' });
  server.compact();
  server.intercept(undefined);
  await until(() => has(missed), 'the missed event');
  expect(queue.ids()).toHaveLength(2);
  expect(queue.events().at(-1)?.change).toBe('listed');
  expect(queue.gaps()).toEqual([]);
});

/** From now on the queue accepts nothing before it is released. */
function holdQueue(): () => void {
  const gate = Promise.withResolvers<undefined>();
  queue.script(() => gate.promise);
  return () => gate.resolve(undefined);
}

test('stopping drains what was read', async () => {
  const started = await relay();
  await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
  const release = holdQueue();
  const events = Array.from({ length: 100 }, (_, i) => server.put({ name: `e${i}` }));
  await until(() => started.counts().seen === 100, 'all to be read');
  const stopped = started.stop();
  release();
  await stopped;
  expect(has(...events)).toBe(true);
});

async function page(handle: RelayHandle, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${handle.port}${path}`);
  return `${response.status} ${await response.text()}`;
}

test('says that it leads, and how old its cursor is', async () => {
  const started = await relay();
  await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
  await until(async () => (await page(started, '/readyz')) === '200 leading\n', 'readiness');
  const metrics = await page(started, '/metrics');
  expect(metrics).toContain('\nkube_courier_relay_leader 1\n');
  expect(metrics).toMatch(/\nkube_courier_relay_cursor_age_seconds \d/);
  expect(await page(started, '/healthz')).toBe('200 ok\n');
});

test("counts the cluster's events by what they say, unless that is turned off", async () => {
  const counted = 'kube_courier_events_total{type="Warning",reason="BackOff",kind="Pod",namespace="shop"} 1\n';
  const about = { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web' }, type: 'Warning', reason: 'BackOff' };
  for (const eventMetrics of [true, false]) {
    const started = await relay({ eventMetrics, startFrom: { kind: 'now' } });
    await until(() => server.watchCount() === 1, 'the watch');
    server.put({ name: `e-${eventMetrics}`, ...about });
    await until(async () => (await page(started, '/metrics')).includes('events_seen_total{change="added"} 1'), 'it');
    expect((await page(started, '/metrics')).includes(counted)).toBe(eventMetrics);
    await started.stop();
    await until(() => server.watchCount() === 0, 'the end of the watch');
  }
});

test('is not ready while it stops, and stops once', async () => {
  const started = await relay();
  await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
  const release = holdQueue();
  server.put({ name: 'e' });
  await until(() => started.counts().seen === 1, 'the event');
  const stopped = started.stop();
  expect(started.stop()).toBe(stopped);
  expect(await page(started, '/readyz')).toBe('503 stopping\n');
  release();
  await stopped;
  expect(started.logs.filter((line) => line.includes('"stopped"'))).toHaveLength(1);
});

test('stops in its time even if the queue and the API server never answer', async () => {
  const started = await relay({}, { drainMs: 60_000, stopMs: 200 });
  await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
  queue.script(() => new Promise(() => {}));
  server.put({ name: 'e' });
  await until(() => started.counts().seen === 1, 'the event');
  await started.stop();
  expect(started.logs.at(-1)).toContain('"stopped"');
});

describe('as long as nothing else is said', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** As `until`, without a timer. */
  async function soon(condition: () => boolean): Promise<void> {
    while (!condition()) await turn();
  }

  test('a heartbeat is sent every five minutes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await relay();
    await until(() => queue.heartbeats().length === 1, 'the first heartbeat');
    vi.advanceTimersByTime(5 * 60_000 - 1);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(queue.heartbeats()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await until(() => queue.heartbeats().length === 2, 'the second heartbeat');
  });

  test('a relay that stops gives the queue twelve seconds', async () => {
    const started = await relay();
    await until(() => queue.heartbeats().length === 1, 'the heartbeat');
    const limit = vi.spyOn(AbortSignal, 'timeout');
    await started.stop();
    expect(limit.mock.calls).toEqual([[12_000]]);
  });

  test('a relay that is told to stop has stopped after eighteen seconds', async () => {
    const started = await relay({}, { drainMs: 60_000 });
    await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
    queue.script(() => new Promise(() => {}));
    server.put({ name: 'e' });
    await until(() => started.counts().seen === 1, 'the event');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stopped = started.stop();
    vi.advanceTimersByTime(17_999);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(started.logs.at(-1)).not.toContain('"stopped"');
    vi.advanceTimersByTime(1);
    await stopped;
  });

  test('a leader that cannot send leaves within a second after the end of its patience', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const started = await relay({ cursor: { kind: 'lease', namespace: 'n', name: 'l' } });
    await until(() => queue.heartbeats().length === 1 && server.watchCount() === 1, 'the watch');
    vi.advanceTimersByTime(500);
    const { calls } = queue;
    queue.script(() => UNAVAILABLE);
    server.put({ name: 'e' });
    await until(() => queue.calls > calls, 'a call in vain');
    const hasLeft = (): boolean => started.logs.some((line) => line.includes('this relay cannot send'));
    vi.advanceTimersByTime(60_499);
    expect(hasLeft()).toBe(false);
    expect(await page(started, '/metrics')).toContain('\nkube_courier_relay_leader 1\n');
    vi.advanceTimersByTime(1);
    expect(hasLeft()).toBe(true);
    await until(async () => (await page(started, '/metrics')).includes('\nkube_courier_relay_leader 0\n'), 'the end');
  });

  test('what keeps a relay from leading is tried again after two seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const started = await relay({ cursor: { kind: 'file', path: tmpdir() } });
    const failures = (): number => started.logs.filter((line) => line.includes('EISDIR')).length;
    await soon(() => failures() === 1);
    vi.advanceTimersByTime(1999);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(failures()).toBe(1);
    vi.advanceTimersByTime(1);
    await soon(() => failures() === 2);
  });
});

test('tells the age of the oldest of its cursors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const path = join(folder, 'cursor');
  const saved = (minutes: number) => ({ rv: '1', observedAt: new Date(Date.now() - minutes * 60_000).toISOString() });
  await writeFile(path, JSON.stringify({ v: 1, streams: { shop: saved(20), billing: saved(30), ops: saved(10) } }));
  server.intercept(() => true);
  const namespaces = ['shop', 'billing', 'ops'];
  const started = await relay({ namespaces, cursor: { kind: 'file', path } });
  const seconds = async () => Number(/cursor_age_seconds ([\d.]+)/.exec(await page(started, '/metrics'))?.[1] ?? 0);
  await until(async () => (await seconds()) > 0, 'the age');
  expect(Math.round((await seconds()) / 600)).toBe(3);
  await started.stop();
  await rm(folder, { recursive: true });
});

test('asks to be restarted once a stream has not moved for ten minutes, and not before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    server.intercept(() => true);
    const started = await relay();
    await until(() => server.requests.length > 0, 'a request');
    expect(await page(started, '/healthz')).toBe('200 ok\n');
    vi.advanceTimersByTime(10 * 60_000 + 1);
    expect(await page(started, '/healthz')).toBe('503 a watch has not moved for longer than its watchdog allows\n');
  } finally {
    vi.useRealTimers();
  }
});
