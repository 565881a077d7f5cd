import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Observation } from '../../../infra/console/source.ts';
import { createConsoleTap, type ConsoleTap } from '../../../localstack/embedded/console-tap.ts';
import { kubeEvent } from '../../support/embedded.ts';

let now: number;
let tap: ConsoleTap;
let ended: AbortController;

beforeEach(() => {
  now = Date.parse('2026-11-23T08:00:00Z');
  tap = createConsoleTap(() => now);
  ended = new AbortController();
});
afterEach(() => ended.abort());

function arrive(body: object | string, attributes: readonly string[] = []): void {
  const values = attributes.map((name) => [name, { DataType: 'String', StringValue: '1' }]);
  const Body = typeof body === 'string' ? body : JSON.stringify(body);
  tap.arrived([{ Body, MessageAttributes: Object.fromEntries(values) }]);
}

const event = (uid: string) => ({
  v: 1,
  kind: 'event',
  cluster: 'prod',
  seenAt: '2026-11-23T07:59:59Z',
  change: 'added',
  event: kubeEvent(uid),
});

/** What somebody is told who follows from now on. */
function follow(): Observation[] {
  const told: Observation[] = [];
  void tap.follow((some) => told.push(...some), ended.signal);
  return told;
}

const uids = (told: readonly Observation[]) => told.map((each) => (each.kind === 'event' ? each.event.uid : each.kind));

describe('who follows', () => {
  it('is told of the last that came before, no more than there is room for', async () => {
    for (let number = 0; number < 5000; number += 1) arrive(event(String(number)));
    const told = follow();

    await vi.waitFor(() => expect(told.length).toBeGreaterThan(0));
    expect(told.length).toBeLessThanOrEqual(2000);
    expect(uids(told).at(-1)).toBe('4999');
  });

  it('is told in order, and misses nothing for another who throws', async () => {
    void tap.follow(() => {
      throw new Error('broken');
    }, ended.signal);
    const told = follow();
    arrive(event('a'));
    tap.observe({ destination: 'log/x', event: 'prod/a/1', status: 'delivered' });
    arrive(event('b'));

    await vi.waitFor(() => expect(uids(told)).toEqual(['a', 'delivery', 'b']));
  });

  it('is told nothing of what cannot be read, nor twice of an event that is replayed', async () => {
    const told = follow();
    arrive('not JSON');
    tap.observe({ destination: 'log', event: undefined, status: 'letter', code: 'invalid_message' });
    arrive(event('again'), ['replays']);
    arrive(event('last'));

    await vi.waitFor(() => expect(uids(told)).toEqual(['last']));
  });

  it('is told no more once it has ended', async () => {
    const told: Observation[] = [];
    const following = tap.follow((some) => told.push(...some), ended.signal);
    ended.abort();
    await following;

    arrive(event('late'));
    const others = new AbortController();
    const next: Observation[] = [];
    void tap.follow((some) => next.push(...some), others.signal);
    await vi.waitFor(() => expect(uids(next)).toEqual(['late']));
    others.abort();
    expect(told).toEqual([]);
  });
});

describe('a cluster', () => {
  const head = { v: 1, cluster: 'prod', seenAt: '2026-11-23T08:00:00Z' };
  const heartbeat = { ...head, kind: 'heartbeat', relay: { version: '0.1.0', installation: 'x' } };

  it('is late after three heartbeats that did not come', () => {
    arrive(heartbeat);
    const found = { cluster: 'prod', lastHeartbeat: '2026-11-23T08:00:00.000Z', relayVersion: '0.1.0' };
    expect(tap.clusters()).toEqual([{ ...found, problems: [] }]);

    now += 16 * 60_000;
    expect(tap.clusters()).toEqual([{ ...found, problems: ['no heartbeat for 16m: is its relay running?'] }]);
  });

  it('has its last gaps', () => {
    for (const minute of [1, 2, 3, 4]) {
      const [from, to] = [`2026-11-23T07:0${minute}:00Z`, `2026-11-23T07:0${minute}:30Z`];
      arrive({ ...head, kind: 'gap', cause: 'expired', from, to });
    }

    const [cluster] = tap.clusters();
    expect(cluster?.problems).toHaveLength(3);
    expect(cluster?.problems[0]).toBe(
      'events may have been missed from 2026-11-23T07:04:00Z to 2026-11-23T07:04:30Z: expired',
    );
  });

  it('is one of a hundred at most', () => {
    for (let number = 0; number < 300; number += 1) arrive({ ...heartbeat, cluster: `c${number}` });

    expect(tap.clusters()).toHaveLength(100);
  });
});

it('counts events a second over the last ten', () => {
  for (let second = 0; second < 20; second += 1) {
    now += 1000;
    arrive(event(`a${second}`));
    arrive(event(`b${second}`));
    tap.observe({ destination: 'log/x', event: 'e', status: 'delivered' });
    tap.observe({ destination: 'log/x', event: 'e', status: 'retrying', code: 'busy' });
  }
  expect([tap.eventsPerSecond(), tap.donePerSecond('log'), tap.donePerSecond('webhook')]).toEqual([2, 1, 0]);

  now += 5000;
  expect([tap.eventsPerSecond(), tap.donePerSecond('log')]).toEqual([1, 0.5]);
  now += 5000;
  expect([tap.eventsPerSecond(), tap.donePerSecond('log')]).toEqual([0, 0]);
});

it('names destinations that have failed three times in a row, each of its own type', () => {
  const say = (destination: string, status: 'retrying' | 'delivered' | 'letter') =>
    tap.observe({ destination, event: 'e', status, code: 'busy', detail: 'two\nlines' });
  for (const id of ['log/a', 'log/b', 'log/c', 'logs/x'])
    for (let times = 0; times < 3; times += 1) {
      if (id === 'log/b' && times === 1) say(id, 'delivered');
      say(id, 'retrying');
    }
  say('log/c', 'letter');

  expect(tap.failing('log')).toEqual(['log/a fails, and its events are tried again: busy, two lines']);
});
