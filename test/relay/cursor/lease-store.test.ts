import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CursorStore, Tenure } from '../../../relay/cursor/cursor-store.ts';
import { LEASE_TIMING, leaseCursorStore } from '../../../relay/cursor/lease.ts';
import { CURSOR_ANNOTATION } from '../../../relay/cursor/lease-api.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import { scriptedLease, type ScriptedLease } from '../../support/lease.ts';

let server: ScriptedLease;

beforeEach(() => {
  vi.useFakeTimers();
  server = scriptedLease();
});
afterEach(() => void vi.useRealTimers());

interface Candidate {
  readonly store: CursorStore;
  readonly ended: AbortController;
  readonly logs: readonly string[];
  tenure: Tenure | undefined;
  done: boolean;
}

/** A relay that wants the Lease, from now on. */
function candidate(identity = 'me'): Candidate {
  const logs: string[] = [];
  const ended = new AbortController();
  const lease = { namespace: 'n', name: 'l', identity };
  const metrics = createRelayMetrics(createRegistry('test'));
  const store = leaseCursorStore(server.api, lease, (_, message) => logs.push(message), metrics, LEASE_TIMING);
  const relay: Candidate = { store, ended, logs, tenure: undefined, done: false };
  void store
    .acquire({ cursors: () => undefined, canSend: () => false }, ended.signal)
    .then((tenure) => Object.assign(relay, { tenure, done: true }));
  return relay;
}

const SAVED = '{"v":1,"streams":{"*":{"rv":"7","observedAt":"2026-01-01T00:00:00.000Z"}}}';

describe('a relay takes the Lease', () => {
  test('at once where there is none, with no cursor and none lost', async () => {
    const me = candidate();
    await vi.advanceTimersByTimeAsync(0);
    expect(me.tenure).toMatchObject({ installation: 'new', saved: {}, cursorLost: false });
    expect(server.lease?.metadata['annotations']).toEqual({ [CURSOR_ANNOTATION]: '{"v":1,"streams":{}}' });
  });

  test('at once where nobody holds it, with what was saved: a change of holder', async () => {
    server.put({ holderIdentity: '', leaseTransitions: 3 }, { [CURSOR_ANNOTATION]: SAVED });
    const me = candidate();
    await vi.advanceTimersByTimeAsync(0);
    expect(me.tenure).toMatchObject({ saved: { '*': { rv: '7' } }, cursorLost: false });
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me', leaseTransitions: 4 });
  });

  test('at once where it held it itself before a restart, which is no change', async () => {
    server.put({ holderIdentity: 'me', leaseTransitions: 3 }, { [CURSOR_ANNOTATION]: SAVED });
    candidate();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me', leaseTransitions: 3 });
  });

  test('of another one after its duration without a change under its own eyes, and not before', async () => {
    server.put({ holderIdentity: 'other' }, { [CURSOR_ANNOTATION]: SAVED });
    const me = candidate();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(me.store.state()).toEqual({ text: 'standing by: other leads' });
    server.put({ holderIdentity: 'other' }, { [CURSOR_ANNOTATION]: SAVED });
    await vi.advanceTimersByTimeAsync(14_900);
    expect(me.tenure).toBeUndefined();
    // It looks every 2 s, a tenth more or less.
    await vi.advanceTimersByTimeAsync(100 + 2200 + 2200);
    expect(me.tenure).toBeDefined();
  });

  test('whose cursor was lost, and knows it', async () => {
    server.put({ holderIdentity: '' });
    const me = candidate();
    await vi.advanceTimersByTimeAsync(0);
    expect(me.tenure).toMatchObject({ saved: {}, cursorLost: true });
  });
});

test('of two that want it one gets it, and the other sees no fault in that', async () => {
  server.put({ holderIdentity: '' }, { [CURSOR_ANNOTATION]: SAVED });
  const [a, b] = [candidate('a'), candidate('b')];
  await vi.advanceTimersByTimeAsync(3000);
  expect([a.tenure, b.tenure].filter((tenure) => tenure !== undefined)).toHaveLength(1);
  const [loser] = [a, b].filter(({ tenure }) => tenure === undefined);
  expect(loser?.logs).toEqual([]);
  expect(loser?.store.state().text).toMatch(/^standing by: [ab] leads$/);
});

test('a tenure counts from the write that took the Lease, not from its answer, nor from what was read before', async () => {
  server.weather = { answersAfterMs: 4000 };
  const me = candidate();
  await vi.advanceTimersByTimeAsync(4000);
  expect(me.tenure?.lost.aborted).toBe(false);
  server.weather = 'down';
  await vi.advanceTimersByTimeAsync(5990);
  expect(me.tenure?.lost.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(10);
  expect(me.tenure?.lost.aborted).toBe(true);
});

test('a relay that is stopped while it waits gets nothing', async () => {
  server.put({ holderIdentity: 'other' });
  const me = candidate();
  await vi.advanceTimersByTimeAsync(5000);
  me.ended.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect([me.done, me.tenure]).toEqual([true, undefined]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.lease?.spec['holderIdentity']).toBe('other');
});

test('while the Lease cannot be had, the reason is told, and it goes on trying', async () => {
  server.weather = 'down';
  const me = candidate();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(me.store.state().trouble).toBe('the Lease n/l cannot be read or written: down');
  expect(me.logs).toEqual(['the Lease n/l cannot be read or written: down']);
  server.weather = 'fine';
  await vi.advanceTimersByTimeAsync(2200);
  expect(me.tenure).toBeDefined();
});

test('a relay that gave the Lease up lets others try first, says so, and then wants it again', async () => {
  server.put({ holderIdentity: '' }, { [CURSOR_ANNOTATION]: SAVED });
  const me = candidate();
  await vi.advanceTimersByTimeAsync(0);
  await me.tenure?.release(true);
  const owner = { cursors: () => undefined, canSend: () => false };
  let again: Tenure | undefined;
  void me.store.acquire(owner, me.ended.signal).then((tenure) => (again = tenure));
  await vi.advanceTimersByTimeAsync(14_900);
  expect(me.store.state()).toEqual({ trouble: 'this relay cannot send, and lets another one try for 15 s' });
  expect(again).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(again).toBeDefined();
  expect(again?.patienceMs).toBe(120_000);
});

test('a relay that was stopped in order takes the Lease again at once', async () => {
  const me = candidate();
  await vi.advanceTimersByTimeAsync(0);
  await me.tenure?.release();
  let again: Tenure | undefined;
  const owner = { cursors: () => undefined, canSend: () => false };
  void me.store.acquire(owner, me.ended.signal).then((tenure) => (again = tenure));
  await vi.advanceTimersByTimeAsync(0);
  expect(again).toBeDefined();
});
