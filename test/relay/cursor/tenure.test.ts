import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import { CURSOR_ANNOTATION, type Lease, type LeaseApi, type LeaseChanges } from '../../../relay/cursor/lease-api.ts';
import { createLeaseState } from '../../../relay/cursor/lease-state.ts';
import { holdLease } from '../../../relay/cursor/tenure.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';

const timing = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };
const identity = { namespace: 'n', name: 'l', identity: 'me' };
const cursors = { '*': { rv: '5', observedAt: '2026-01-01T00:00:00.000Z' } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What becomes of a write: `lost` is done, but its answer never comes. */
type Weather = 'fine' | 'down' | 'lost' | { readonly answersAfterMs: number };

/** A Lease in memory with the API's preconditions. */
function scriptedApi() {
  let stored: Lease | undefined;
  let version = 0;
  let weather: Weather = 'fine';
  const writes: LeaseChanges[] = [];

  function store(lease: Lease, { cursors: text, ...spec }: LeaseChanges): Lease {
    version += 1;
    const annotations = {
      ...Object(lease.metadata['annotations']),
      ...(text !== undefined && { [CURSOR_ANNOTATION]: text }),
    };
    stored = {
      metadata: { ...lease.metadata, annotations, resourceVersion: String(version) },
      spec: { ...lease.spec, ...spec },
    };
    return stored;
  }

  async function answer<T>(value: T): Promise<T> {
    if (weather === 'lost') throw new Error('the answer was lost');
    if (typeof weather === 'object')
      await new Promise((resolve) => setTimeout(resolve, Object(weather).answersAfterMs));
    return value;
  }

  const api: LeaseApi = {
    async read() {
      if (weather === 'down') throw new Error('down');
      return stored;
    },
    async create(changes) {
      if (weather === 'down') throw new Error('down');
      if (stored !== undefined) throw new ApiError(409, {});
      writes.push(changes);
      return answer(store({ metadata: { uid: 'new' }, spec: {} }, changes));
    },
    async update(lease, changes) {
      if (weather === 'down') throw new Error('down');
      if (stored === undefined) throw new ApiError(404, {});
      if (stored.metadata['resourceVersion'] !== lease.metadata['resourceVersion']) throw new ApiError(409, {});
      writes.push(changes);
      return answer(store(lease, changes));
    },
  };
  return {
    api,
    writes,
    get lease() {
      return stored;
    },
    put: (spec: object, annotations: object = {}) =>
      store({ metadata: { uid: 'u', annotations }, spec: { ...spec } }, {}),
    remove: () => (stored = undefined),
    set weather(next: Weather) {
      weather = next;
    },
  };
}

function hold(server: ReturnType<typeof scriptedApi>, current: () => typeof cursors | undefined = () => cursors) {
  const logs: string[] = [];
  const log = (_: string, message: string): void => void logs.push(message);
  const state = createLeaseState(identity, log);
  const lease = server.lease ?? server.put({ holderIdentity: 'me' });
  const metrics = createRelayMetrics(createRegistry('test'));
  const tenure = holdLease(
    { lease, sinceMs: performance.now(), saved: {}, cursorLost: false },
    { api: server.api, identity: 'me', current, state, timing, log, metrics },
  );
  return { tenure, state, logs, metrics };
}

describe('a tenure lasts', () => {
  test('as long as renewals succeed, each with the cursors in it', async () => {
    const server = scriptedApi();
    const { tenure, state } = hold(server);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.writes).toHaveLength(30);
    expect(JSON.parse(server.writes.at(-1)?.cursors ?? '').streams).toEqual(cursors);
    expect(state.get()).toEqual({ text: 'leading' });
  });

  test('until no renewal has succeeded for the deadline, and not longer', async () => {
    const server = scriptedApi();
    const { tenure, state } = hold(server);
    server.weather = 'down';
    await vi.advanceTimersByTimeAsync(9990);
    expect(tenure.lost.aborted).toBe(false);
    expect(state.get().trouble).toBe('the Lease n/l cannot be read or written: down');
    await vi.advanceTimersByTimeAsync(10);
    expect(tenure.lost.aborted).toBe(true);
  });

  test('until the deadline after the last renewal began, however late its answer came', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    await vi.advanceTimersByTimeAsync(1990);
    // The renewal at 2 s is answered at 6 s, and is the last one.
    server.weather = { answersAfterMs: 4000 };
    await vi.advanceTimersByTimeAsync(3000);
    server.weather = 'down';
    await vi.advanceTimersByTimeAsync(7000);
    expect(tenure.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(tenure.lost.aborted).toBe(true);
  });

  test('from when the Lease was taken, if no renewal ever succeeds', async () => {
    const server = scriptedApi();
    server.put({ holderIdentity: 'me' });
    const started = performance.now();
    vi.advanceTimersByTime(3000);
    const tenure = holdLease(
      { lease: server.put({ holderIdentity: 'me' }), sinceMs: started, saved: {}, cursorLost: false },
      {
        api: server.api,
        identity: 'me',
        current: () => undefined,
        state: createLeaseState(identity, () => {}),
        timing,
        log: () => {},
        metrics: createRelayMetrics(createRegistry('test')),
      },
    );
    server.weather = 'down';
    await vi.advanceTimersByTimeAsync(6990);
    expect(tenure.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(tenure.lost.aborted).toBe(true);
  });

  test('through the loss of an answer to its own write', async () => {
    const server = scriptedApi();
    const { tenure, metrics } = hold(server);
    server.weather = 'lost';
    await vi.advanceTimersByTimeAsync(2000);
    server.weather = 'fine';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tenure.lost.aborted).toBe(false);
    // The lost answer, and the conflict with what it had written.
    expect(metrics.leaseFailures.total()).toBe(2);
  });

  test("through somebody else's edit, which stays", async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.put({ holderIdentity: 'me' }, { note: 'mine' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.lease?.metadata['annotations']).toMatchObject({ note: 'mine' });
  });

  test('until another relay has taken the Lease', async () => {
    const server = scriptedApi();
    const { tenure, logs, state } = hold(server);
    server.put({ holderIdentity: 'other' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(tenure.lost.aborted).toBe(true);
    expect(logs).toEqual(['no longer leading: other has taken the Lease']);
    expect(state.get()).toEqual({ text: 'standing by' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.lease?.spec['holderIdentity']).toBe('other');
  });
});

describe('a Lease that was deleted is put back', () => {
  test('with the cursors of now', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me' });
    expect(server.writes.at(-1)?.cursors).toContain('"rv":"5"');
  });

  test('with the saved ones while they must stand', async () => {
    const server = scriptedApi();
    server.put({ holderIdentity: 'me' }, { [CURSOR_ANNOTATION]: 'as it was' });
    hold(server, () => undefined);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.lease?.metadata['annotations']).toEqual({ [CURSOR_ANNOTATION]: 'as it was' });
  });

  test('without any, if they were lost: that must not be forgotten', async () => {
    const server = scriptedApi();
    hold(server, () => undefined);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me' });
    expect(server.lease?.metadata['annotations']).toEqual({});
  });
});

describe('a release', () => {
  test('saves a last time and names no holder', async () => {
    const server = scriptedApi();
    const { tenure, state } = hold(server);
    await tenure.release();
    expect(server.lease?.spec['holderIdentity']).toBe('');
    expect(server.writes.at(-1)?.cursors).toContain('"rv":"5"');
    expect(state.get()).toEqual({ text: 'standing by' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.writes).toHaveLength(1);
    expect(tenure.lost.aborted).toBe(false);
  });

  test('is tried three times, then left to expire', async () => {
    const server = scriptedApi();
    const { tenure, metrics } = hold(server);
    server.weather = 'down';
    const released = tenure.release();
    await vi.advanceTimersByTimeAsync(60_000);
    await released;
    expect(metrics.leaseFailures.total()).toBe(3);
    expect(server.lease?.spec['holderIdentity']).toBe('me');
  });

  test('of a Lease that was deleted lets the next one in at once', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.remove();
    await tenure.release();
    expect(server.lease?.spec['holderIdentity']).toBe('');
  });

  test('leaves alone what another relay has taken', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.put({ holderIdentity: 'other' });
    const released = tenure.release();
    await vi.advanceTimersByTimeAsync(60_000);
    await released;
    expect(server.lease?.spec['holderIdentity']).toBe('other');
  });
});

describe('saving', () => {
  test('resolves once the cursors are written', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.weather = 'down';
    let saved = false;
    void tenure.save().then(() => (saved = true));
    await vi.advanceTimersByTimeAsync(1500);
    expect(saved).toBe(false);
    server.weather = 'fine';
    await vi.advanceTimersByTimeAsync(500);
    expect(saved).toBe(true);
    expect(server.writes.at(-1)?.cursors).toContain('"rv":"5"');
  });

  test('ends with the tenure', async () => {
    const server = scriptedApi();
    const { tenure } = hold(server);
    server.weather = 'down';
    let saved = false;
    void tenure.save().then(() => (saved = true));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([tenure.lost.aborted, saved]).toEqual([true, true]);
  });
});
