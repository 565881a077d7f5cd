import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CURSOR_ANNOTATION, GIVEN_UP_ANNOTATION } from '../../../relay/cursor/lease-api.ts';
import { createLeaseState } from '../../../relay/cursor/lease-state.ts';
import { holdLease } from '../../../relay/cursor/tenure.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import { scriptedLease, type ScriptedLease } from '../../support/lease.ts';

const timing = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000, patienceMs: 60_000 };
const identity = { namespace: 'n', name: 'l', identity: 'me' };
const cursors = { '*': { rv: '5', observedAt: '2026-01-01T00:00:00.000Z' } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function hold(
  server: ScriptedLease,
  current: () => typeof cursors | undefined = () => cursors,
  { sinceMs = performance.now(), canSend = () => false }: { sinceMs?: number; canSend?: () => boolean } = {},
) {
  const logs: string[] = [];
  const log = (_: string, message: string): void => void logs.push(message);
  const state = createLeaseState(identity, log);
  const lease = server.lease ?? server.put({ holderIdentity: 'me' });
  const metrics = createRelayMetrics(createRegistry('test'));
  const given: string[] = [];
  const tenure = holdLease(
    { lease, sinceMs, saved: {}, cursorLost: false },
    {
      api: server.api,
      identity: 'me',
      owner: { cursors: current, canSend },
      onGivenUp: () => given.push('given up'),
      state,
      timing,
      log,
      metrics,
    },
  );
  return { tenure, state, logs, metrics, given };
}

describe('a tenure lasts', () => {
  test('as long as renewals succeed, each with the cursors in it', async () => {
    const server = scriptedLease();
    const { tenure, state } = hold(server);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.writes).toHaveLength(30);
    expect(JSON.parse(server.writes.at(-1)?.cursors ?? '').streams).toEqual(cursors);
    expect(server.writes.at(-1)?.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(state.get()).toEqual({ text: 'leading' });
  });

  test('until no renewal has succeeded for the deadline, and not longer', async () => {
    const server = scriptedLease();
    const { tenure, state } = hold(server);
    server.weather = 'down';
    await vi.advanceTimersByTimeAsync(9990);
    expect(tenure.lost.aborted).toBe(false);
    expect(state.get().trouble).toBe('the Lease n/l cannot be read or written: down');
    await vi.advanceTimersByTimeAsync(10);
    expect(tenure.lost.aborted).toBe(true);
  });

  test('until the deadline after the last renewal began, however late its answer came', async () => {
    const server = scriptedLease();
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
    const server = scriptedLease();
    server.put({ holderIdentity: 'me' });
    const started = performance.now();
    vi.advanceTimersByTime(3000);
    const { tenure } = hold(server, () => undefined, { sinceMs: started });
    server.weather = 'down';
    await vi.advanceTimersByTimeAsync(6990);
    expect(tenure.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(tenure.lost.aborted).toBe(true);
  });

  test('through the loss of an answer to its own write', async () => {
    const server = scriptedLease();
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
    const server = scriptedLease();
    const { tenure } = hold(server);
    server.put({ holderIdentity: 'me' }, { note: 'mine' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.lease?.metadata['annotations']).toMatchObject({ note: 'mine' });
  });

  test('until another relay has taken the Lease', async () => {
    const server = scriptedLease();
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
    const server = scriptedLease();
    const { tenure } = hold(server);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(tenure.lost.aborted).toBe(false);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me' });
    expect(server.writes.at(-1)?.cursors).toContain('"rv":"5"');
  });

  test('with the saved ones while they must stand', async () => {
    const server = scriptedLease();
    server.put({ holderIdentity: 'me' }, { [CURSOR_ANNOTATION]: 'as it was' });
    hold(server, () => undefined);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.lease?.metadata['annotations']).toEqual({ [CURSOR_ANNOTATION]: 'as it was' });
  });

  test('without any, if they were lost: that must not be forgotten', async () => {
    const server = scriptedLease();
    hold(server, () => undefined);
    server.remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'me' });
    expect(server.lease?.metadata['annotations']).toEqual({});
  });
});

describe('a release', () => {
  test('saves a last time and names no holder', async () => {
    const server = scriptedLease();
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
    const server = scriptedLease();
    const { tenure, metrics } = hold(server);
    server.weather = 'down';
    const released = tenure.release();
    await vi.advanceTimersByTimeAsync(60_000);
    await released;
    expect(metrics.leaseFailures.total()).toBe(3);
    expect(server.lease?.spec['holderIdentity']).toBe('me');
  });

  test('of a Lease that was deleted lets the next one in at once', async () => {
    const server = scriptedLease();
    const { tenure } = hold(server);
    server.remove();
    await tenure.release();
    expect(server.lease?.spec['holderIdentity']).toBe('');
  });

  test('leaves alone what another relay has taken', async () => {
    const server = scriptedLease();
    const { tenure, logs } = hold(server);
    server.put({ holderIdentity: 'other' });
    const released = tenure.release();
    await vi.advanceTimersByTimeAsync(60_000);
    await released;
    expect(server.lease?.spec['holderIdentity']).toBe('other');
    // What was given back is not lost.
    expect([tenure.lost.aborted, logs]).toEqual([false, []]);
  });
});

describe('saving', () => {
  test('resolves once the cursors are written', async () => {
    const server = scriptedLease();
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

  test('waits for the renewal that is under way, and builds on it', async () => {
    const server = scriptedLease();
    const { tenure, metrics } = hold(server);
    server.weather = { answersAfterMs: 500 };
    await vi.advanceTimersByTimeAsync(2100);
    const saved = tenure.save();
    await vi.advanceTimersByTimeAsync(1000);
    await saved;
    expect(server.writes).toHaveLength(2);
    expect(metrics.leaseFailures.total()).toBe(0);
  });

  test('ends with the tenure', async () => {
    const server = scriptedLease();
    const { tenure } = hold(server);
    server.weather = 'down';
    let saved = false;
    void tenure.save().then(() => (saved = true));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([tenure.lost.aborted, saved]).toEqual([true, true]);
  });
});

describe('a leader that cannot send', () => {
  const givenUp = (server: ScriptedLease): unknown =>
    Object(server.lease?.metadata['annotations'])[GIVEN_UP_ANNOTATION];

  test('is patient for a minute, and twice as long for each one before that could not either, up to an hour', () => {
    const patience = [undefined, '0', '1', '3', '6', '99', 'garbage', 'x12'].map((count) => {
      const server = scriptedLease();
      server.put({ holderIdentity: 'me' }, count === undefined ? {} : { [GIVEN_UP_ANNOTATION]: count });
      return hold(server).tenure.patienceMs / 60_000;
    });
    expect(patience).toEqual([1, 1, 2, 8, 64, 64, 1, 1]);
  });

  test('leaves word that it could not', async () => {
    const server = scriptedLease();
    server.put({ holderIdentity: 'me' }, { [GIVEN_UP_ANNOTATION]: '2' });
    const { tenure, given } = hold(server);
    await tenure.release(true);
    expect(server.lease?.spec['holderIdentity']).toBe('');
    expect(givenUp(server)).toBe('3');
    expect(given).toEqual(['given up']);
  });

  test('and one that is stopped leaves none', async () => {
    const server = scriptedLease();
    const { tenure, given } = hold(server);
    await tenure.release();
    expect([givenUp(server), given]).toEqual([undefined, []]);
  });

  test('is forgotten once a leader can send', async () => {
    const server = scriptedLease();
    server.put({ holderIdentity: 'me' }, { [GIVEN_UP_ANNOTATION]: '2' });
    let canSend = false;
    const { tenure } = hold(server, undefined, { canSend: () => canSend });
    await vi.advanceTimersByTimeAsync(2000);
    expect([givenUp(server), tenure.patienceMs]).toEqual(['2', 240_000]);
    canSend = true;
    await vi.advanceTimersByTimeAsync(2000);
    expect([givenUp(server), tenure.patienceMs]).toEqual(['0', 60_000]);
  });
});
