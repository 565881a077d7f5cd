import { afterEach, beforeEach, expect, test } from 'vitest';
import { CURSOR_ANNOTATION, GIVEN_UP_ANNOTATION } from '../../../relay/cursor/lease-api.ts';
import type { RelayHandle } from '../../../relay/relay.ts';
import { fail, type ScriptedApiServer, type StoredEvent, startApiServer } from '../../support/api-server.ts';
import { accessTo, createTestQueue, runRelay, type TestQueue, UNAVAILABLE, until } from '../../support/relay.ts';

const KEY = 'kube-courier/relay';
const cursor = { kind: 'lease', namespace: 'kube-courier', name: 'relay' } as const;
// The proportions of life, forty times as fast.
const leaseTiming = { durationMs: 400, renewDeadlineMs: 260, retryMs: 50, patienceMs: 1600 };

let server: ScriptedApiServer;
let queue: TestQueue;
const relays: RelayHandle[] = [];

beforeEach(async () => {
  server = await startApiServer();
  queue = createTestQueue();
});

afterEach(async () => {
  server.intercept(undefined);
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await server.close();
});

async function relay(identity: string, ports: Parameters<typeof runRelay>[3] = {}, to: TestQueue = queue) {
  const started = await runRelay(server, to, { cursor, identity }, { leaseTiming, ...ports });
  relays.push(started);
  return started;
}

const idOf = ({ uid, version }: StoredEvent): string => `${uid}/${version}`;

async function delivered(...events: readonly StoredEvent[]): Promise<void> {
  await until(() => events.every((event) => queue.ids().includes(idOf(event))), `${events.length} events`);
}

const cursorless = { name: cursor.name, namespace: cursor.namespace };
const holder = (): unknown => server.lease(KEY)?.spec['holderIdentity'];
const saved = (): { v: number; streams: Record<string, { rv?: string; observedAt: string }> } =>
  JSON.parse(server.lease(KEY)?.metadata.annotations?.[CURSOR_ANNOTATION] ?? '{"streams":{}}');

async function readyText(handle: RelayHandle): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${handle.port}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
}

test('the first relay creates the Lease, leads, and saves the cursor in its renewals', async () => {
  await relay('a');
  await until(() => server.watchCount() === 1, 'the watch');
  const event = server.put({ name: 'e' });
  await delivered(event);
  await until(() => saved().streams['*']?.rv === String(event.version), 'the cursor');
  expect(holder()).toBe('a');
  expect(saved().v).toBe(1);
  expect(queue.heartbeats()[0]?.relay.installation).toBe(server.lease(KEY)?.metadata.uid);
});

test('the second stands by, ready, and goes on from the cursor when the first is stopped', async () => {
  const first = await relay('a');
  await until(() => server.watchCount() === 1, 'the watch');
  const before = server.put({ name: 'before' });
  await delivered(before);
  const second = await relay('b');
  await until(async () => (await readyText(second)) === '200 standing by: a leads', 'the standby');
  expect(server.watchCount()).toBe(1);
  await first.stop();
  const between = server.put({ name: 'between' });
  await delivered(between);
  await until(() => holder() === 'b', 'the takeover');
  expect(queue.ids()).toEqual([idOf(before), idOf(between)]);
  expect(queue.gaps()).toEqual([]);
});

test('a relay that dies is succeeded once its Lease has not changed for its duration', async () => {
  // What a SIGKILL leaves: a Lease held by nobody who lives.
  const before = server.put({ name: 'before' });
  const streams = { '*': { rv: String(before.version), observedAt: new Date().toISOString() } };
  server.setLease(KEY, {
    metadata: {
      name: 'relay',
      namespace: 'kube-courier',
      uid: 'u',
      annotations: { [CURSOR_ANNOTATION]: JSON.stringify({ v: 1, streams }) },
    },
    spec: { holderIdentity: 'dead', leaseTransitions: 3, renewTime: '2099-01-01T00:00:00.000000Z' },
  });
  const missed = server.put({ name: 'missed' });
  const started = performance.now();
  await relay('b');
  await delivered(missed);
  expect(performance.now() - started).toBeGreaterThan(leaseTiming.durationMs);
  expect(queue.ids()).toEqual([idOf(missed)]);
  expect(server.lease(KEY)?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 4 });
});

test('a leader that cannot renew stops sending, and another one goes on', async () => {
  const own = createTestQueue();
  let cut = false;
  server.intercept((url, request, response) => {
    if (!cut || !url.pathname.includes('/leases') || request.headers['x-relay'] !== 'a') return false;
    response.destroy();
    return true;
  });
  const as = (name: string) => ({
    description: name,
    credentials: async () => ({ ...(await accessTo(server.url).credentials(false)), headers: { 'x-relay': name } }),
  });
  const first = await relay('a', { access: as('a') }, own);
  await until(() => server.watchCount() === 1, 'the watch');
  await relay('b', { access: as('b') });
  cut = true;
  await until(() => holder() === 'b' && server.watchCount() === 1, 'the takeover');
  const event = server.put({ name: 'after' });
  await delivered(event);
  expect(own.ids()).toEqual([]);
  expect(first.logs.join('')).toContain('no longer leading');
});

test('a deposed leader sends nothing of what still waits', async () => {
  const limits = { retryBaseMs: 2, retryCapMs: 2 };
  // Long enough to stay deposed.
  const started = await relay('a', { limits, leaseTiming: { ...leaseTiming, durationMs: 60_000 } });
  await until(() => server.watchCount() === 1, 'the watch');
  queue.script(() => UNAVAILABLE);
  server.put({ name: 'e' });
  await until(() => started.counts().seen === 1, 'the event');
  server.setLease(KEY, { metadata: cursorless, spec: { holderIdentity: 'usurper' } });
  await until(async () => (await readyText(started)).includes('standing by'), 'it to stand by');
  const metrics = await (await fetch(`http://127.0.0.1:${started.port}/metrics`)).text();
  expect(metrics).toContain('\nkube_courier_relay_leader 0\n');
  queue.script(undefined);
  await new Promise((resolve) => setTimeout(resolve, 50 * limits.retryCapMs));
  expect(queue.ids()).toEqual([]);
});

test('a deposed leader cannot move the cursor', async () => {
  await relay('a');
  await until(() => server.watchCount() === 1, 'the watch');
  const lease = server.lease(KEY);
  if (lease === undefined) throw new Error('no Lease');
  const streams = { '*': { rv: '7', observedAt: '2026-01-01T00:00:00.000Z' } };
  server.setLease(KEY, {
    ...lease,
    metadata: { ...lease.metadata, annotations: { [CURSOR_ANNOTATION]: JSON.stringify({ v: 1, streams }) } },
    spec: { ...lease.spec, holderIdentity: 'usurper' },
  });
  await until(() => server.watchCount() === 0, 'the old leader to stop reading');
  expect(saved().streams).toEqual(streams);
  expect(holder()).toBe('usurper');
});

test('a Lease without its cursor is declared, and everything is sent', async () => {
  const existing = [server.put({ name: 'a' }), server.put({ name: 'b' })];
  server.setLease(KEY, {
    metadata: { name: 'relay', namespace: 'kube-courier', uid: 'u' },
    spec: { holderIdentity: '' },
  });
  await relay('a');
  await delivered(...existing);
  expect(queue.gaps()).toMatchObject([{ cause: 'cursor-lost' }]);
  await until(() => saved().streams['*']?.rv !== undefined, 'a new cursor');
});

test('a lost cursor is not forgotten by a relay that dies before everything was sent anew', async () => {
  server.put({ name: 'a' });
  server.setLease(KEY, {
    metadata: { name: 'relay', namespace: 'kube-courier', uid: 'u' },
    spec: { holderIdentity: '' },
  });
  queue.script(() => ({ status: 'unavailable', code: 'down', reason: 'down' }));
  await relay('a', { drainMs: 10 });
  await until(() => holder() === 'a', 'the first');
  const renewals = (): number => server.requests.filter(({ method }) => method === 'PUT').length;
  await until(() => renewals() >= 4, 'renewals');
  expect(server.lease(KEY)?.metadata.annotations).not.toHaveProperty([CURSOR_ANNOTATION]);
});

test('a deleted Lease is put back with the cursor', async () => {
  await relay('a');
  await until(() => server.watchCount() === 1, 'the watch');
  const event = server.put({ name: 'e' });
  await delivered(event);
  server.setLease(KEY, undefined);
  await until(() => saved().streams['*']?.rv === String(event.version), 'the Lease');
  expect(holder()).toBe('a');
  expect(queue.ids()).toEqual([idOf(event)]);
});

test('a missing permission is named on /readyz', async () => {
  server.intercept((url, _, response) => {
    if (!url.pathname.includes('/leases')) return false;
    fail(response, 403, 'Forbidden', 'leases is forbidden');
    return true;
  });
  const started = await relay('a');
  await until(
    async () => (await readyText(started)).startsWith('503 no permission for the Lease kube-courier/relay'),
    'the reason',
  );
  expect(server.watchCount()).toBe(0);
});

test('a leader that cannot send lets another one try, which goes on from the cursor', async () => {
  const own = createTestQueue();
  const first = await relay('a', { leaseTiming: { ...leaseTiming, patienceMs: 300 } }, own);
  await until(() => server.watchCount() === 1, 'the watch');
  const before = server.put({ name: 'before' });
  await until(() => saved().streams['*']?.rv === String(before.version), 'the cursor');
  const second = await relay('b');
  own.script(() => ({ status: 'unavailable', code: 'down', reason: 'the queue is down' }));
  const events = [server.put({ name: 'during' }), server.put({ name: 'during-too' })];
  await until(async () => (await readyText(first)).startsWith('503 queue: the queue is down'), 'the reason');
  await until(() => holder() === 'b', 'the other one');
  await delivered(...events);
  expect(queue.ids()).toEqual(events.map(idOf));
  expect(first.logs.join('')).toContain('no longer leading: this relay cannot send, another one may');
  await until(async () => (await readyText(first)) === '200 standing by: b leads', 'the first one to stand by');
  expect(await readyText(second)).toBe('200 leading');
  // Whoever can send resets the count of those that could not.
  await until(() => server.lease(KEY)?.metadata.annotations?.[GIVEN_UP_ANNOTATION] === '0', 'the count');
});

test('a relay without another one takes the Lease again, and each time stays longer', async () => {
  queue.script(() => ({ status: 'unavailable', code: 'down', reason: 'the queue is down' }));
  await relay('a', { leaseTiming: { ...leaseTiming, durationMs: 100, patienceMs: 50 } });
  const event = server.put({ name: 'e' });
  await until(() => server.lease(KEY)?.metadata.annotations?.[GIVEN_UP_ANNOTATION] === '3', 'three attempts');
  queue.script(undefined);
  await delivered(event);
  expect(queue.gaps()).toEqual([]);
});
