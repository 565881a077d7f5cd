import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { messageOf } from '../../functions/core/contract/untrusted.ts';
import type { ApiClient } from '../../relay/cluster/api-client.ts';
import { API_TIMING } from '../../relay/cluster/event-api.ts';
import type { Tenure } from '../../relay/cursor/cursor-store.ts';
import type { Logger } from '../../relay/log.ts';
import { createRegistry, createRelayMetrics } from '../../relay/metrics.ts';
import { OUTBOX_LIMITS } from '../../relay/queue/outbox.ts';
import { createSession, type Session } from '../../relay/session.ts';
import { createTestQueue, testConfig, UNAVAILABLE } from '../support/relay.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const HEARTBEAT_MS = 5 * 60_000;
const queueDown = (): typeof UNAVAILABLE => UNAVAILABLE;

/** An API server that answers nothing, and how many requests wait for it. */
function silentClient() {
  let open = 0;
  const client: ApiClient = {
    open: ({ signal }) =>
      new Promise((_, reject) => {
        open += 1;
        signal.addEventListener('abort', () => {
          open -= 1;
          reject(new Error('aborted'));
        });
      }),
    json: () => Promise.reject(new Error('no')),
    serverNow: () => Date.now(),
    close() {},
  };
  return { client, open: () => open };
}

/** An API server that gives the namespace shop this list, and answers nothing else but how far its events are. */
function listingClient(list: string): ApiClient {
  const { client } = silentClient();
  return {
    ...client,
    async open(request) {
      if (request.query?.['watch'] === 'true' || !request.path.includes('/shop/')) return client.open(request);
      const body = new IncomingMessage(new Socket());
      body.push(request.query?.['limit'] === '1' ? '{"metadata":{"resourceVersion":"30000"},"items":[]}' : list);
      body.push(null);
      return { body };
    },
  };
}

interface Options {
  readonly client: ApiClient;
  readonly log?: Logger;
  readonly saved?: Tenure['saved'];
  readonly cursorLost?: boolean;
  readonly namespaces?: readonly string[];
}

function setup({ client, log = () => {}, saved = {}, cursorLost = false, namespaces = ['shop', 'billing'] }: Options) {
  const queue = createTestQueue();
  const tenure: Tenure = {
    installation: 'lease-uid',
    saved,
    cursorLost,
    lost: new AbortController().signal,
    patienceMs: Infinity,
    save: async () => {},
    release: async () => {},
  };
  const session: Session = createSession(testConfig({ namespaces }), tenure, {
    client,
    send: queue.send,
    metrics: createRelayMetrics(createRegistry('test')),
    log,
    version: '1.2.3',
    timing: API_TIMING,
    limits: OUTBOX_LIMITS,
    heartbeatMs: HEARTBEAT_MS,
  });
  return { session, queue };
}

test('a heartbeat is sent at once and at its interval, and none once it is over', async () => {
  const { client } = silentClient();
  const { session, queue } = setup({ client });
  const stopping = new AbortController();
  const running = session.run(stopping.signal);
  await vi.advanceTimersByTimeAsync(1000);
  expect(queue.heartbeats()).toMatchObject([{ relay: { version: '1.2.3', installation: 'lease-uid' } }]);
  await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS);
  expect(queue.heartbeats()).toHaveLength(3);
  stopping.abort();
  await running;
  session.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('while the queue does not accept, one heartbeat waits, not all that are due', async () => {
  const { client } = silentClient();
  const { session, queue } = setup({ client });
  queue.script(queueDown);
  const stopping = new AbortController();
  const running = session.run(stopping.signal);
  await vi.advanceTimersByTimeAsync(6 * HEARTBEAT_MS);
  expect([session.canSend(), session.unableMs() > HEARTBEAT_MS]).toEqual([false, true]);
  queue.script(undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([session.canSend(), session.unableMs()]).toEqual([true, 0]);
  expect(queue.heartbeats()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  expect(queue.heartbeats()).toHaveLength(2);
  stopping.abort();
  await running;
  session.end();
});

test('a fault of the program ends all of it: no other stream reads on, no heartbeat is sent', async () => {
  const silent = silentClient();
  let asked = 0;
  const client: ApiClient = {
    ...silent.client,
    open: (request) =>
      request.path.includes('/shop/') && (asked += 1) > 0
        ? Promise.reject(new Error('connect ECONNREFUSED'))
        : silent.client.open(request),
  };
  const { session } = setup({
    client,
    log(level) {
      if (level === 'warn') throw new Error('a fault of the program');
    },
  });
  const failure = session.run(new AbortController().signal).catch(messageOf);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await failure).toBe('a fault of the program');
  session.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([asked, silent.open(), vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test('what is not in order is said by namespace', async () => {
  const { client } = silentClient();
  const { session } = setup({ client });
  expect(session.troubles()).toEqual([
    expect.stringMatching(/^queue: /),
    'namespace shop: the first list is not done',
    'namespace billing: the first list is not done',
  ]);
});

test('a session is stuck if one of its streams is', async () => {
  const silent = silentClient().client;
  const client: ApiClient = {
    ...silent,
    open: (request) =>
      request.path.includes('/shop/') ? Promise.reject(new Error('connect ECONNREFUSED')) : silent.open(request),
  };
  const { session } = setup({ client });
  const stopping = new AbortController();
  const running = session.run(stopping.signal);
  await vi.advanceTimersByTimeAsync(9 * 60_000);
  expect(session.stuck()).toBe(false);
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  expect(session.stuck()).toBe(true);
  stopping.abort();
  await running;
  session.end();
});

test('the cursor of all namespaces is that of each one', () => {
  const at = new Date().toISOString();
  const { session } = setup({ client: silentClient().client, saved: { '*': { rv: '7', observedAt: at } } });
  expect(session.cursors()).toEqual({ shop: { rv: '7', observedAt: at }, billing: { rv: '7', observedAt: at } });
});

test('the oldest cursor of some namespaces is that of all of them', () => {
  const before = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const billing = { rv: '9', observedAt: before(2) };
  const shop = { rv: '7', observedAt: before(40) };
  const { session } = setup({ client: silentClient().client, saved: { billing, shop }, namespaces: [] });
  expect(session.cursors()).toEqual({ '*': shop });
});

test('what a predecessor saved stands until there is something to save instead', () => {
  const observedAt = new Date(Date.now() + 60 * 60_000).toISOString();
  const { session } = setup({ client: silentClient().client, saved: { shop: { observedAt } } });
  expect(session.cursors()).toEqual({ shop: { observedAt } });
});

test('of twenty thousand events it is remembered how often they had happened, and of more those seen last', async () => {
  const eventOf = (nth: number, resourceVersion: number): string =>
    JSON.stringify({ metadata: { name: `e${nth}`, uid: `u${nth}`, resourceVersion: `${resourceVersion}` }, count: 2 });
  const items = [...Array.from({ length: 20_001 }, (_, nth) => nth), 1, 0].map((nth, i) => eventOf(nth, i + 1));
  const list = `{"metadata":{"resourceVersion":"30000"},"items":[${items.join()}]}`;
  const client = listingClient(list);
  const { session, queue } = setup({ client });
  const stopping = new AbortController();
  const running = session.run(stopping.signal);
  while (queue.events().length < items.length) await vi.advanceTimersByTimeAsync(100);
  const last = queue.events().slice(-2);
  expect(last.map(({ previousCount }) => previousCount)).toEqual([2, undefined]);
  stopping.abort();
  await running;
  session.end();
});

test('a lost cursor stays lost until everything was sent anew', () => {
  const { session } = setup({ client: silentClient().client, cursorLost: true });
  expect(session.cursors()).toBeUndefined();
});

test('and until then no stream that has come so far changes that', async () => {
  const list = '{"metadata":{"resourceVersion":"30000"},"items":[]}';
  const cursorsAfter = async (cursorLost: boolean) => {
    const { session } = setup({ client: listingClient(list), cursorLost });
    const stopping = new AbortController();
    const running = session.run(stopping.signal);
    await vi.advanceTimersByTimeAsync(1000);
    const cursors = session.cursors();
    stopping.abort();
    await running;
    session.end();
    return cursors;
  };
  expect(await cursorsAfter(false)).toMatchObject({ shop: { rv: '30000' } });
  expect(await cursorsAfter(true)).toBeUndefined();
});
