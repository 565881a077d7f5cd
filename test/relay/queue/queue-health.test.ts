import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogFields } from '../../../relay/log.ts';
import { createQueueHealth, type QueueHealth } from '../../../relay/queue/queue-health.ts';

let logs: [level: string, message: string, fields: LogFields | undefined][];
let health: QueueHealth;

beforeEach(() => {
  vi.useFakeTimers();
  logs = [];
  health = createQueueHealth((...line) => void logs.push([line[0], line[1], line[2]]));
});
afterEach(() => void vi.useRealTimers());

test('before the first answer there is no health, and after it is nothing to say', () => {
  expect(health.trouble).toBe('nothing sent yet');
  health.accepted();
  expect(health.trouble).toBeUndefined();
  expect(logs).toEqual([]);
});

test('a reason is said once, the next one again, and the end with how long it took in all', () => {
  expect(health.failingMs).toBe(0);
  health.failed('ECONNREFUSED', 'not reached', performance.now() - 10_000);
  expect(health.failingMs).toBe(10_000);
  vi.advanceTimersByTime(40_000);
  health.failed('ECONNREFUSED', 'not reached', performance.now());
  health.failed('AccessDenied', 'not allowed', performance.now());
  expect(health.failingMs).toBe(50_000);
  expect(health.trouble).toBe('not allowed');
  vi.advanceTimersByTime(20_000);
  health.accepted();
  health.accepted();
  expect([health.trouble, health.failingMs]).toEqual([undefined, 0]);
  expect(logs).toEqual([
    ['error', 'not reached', { code: 'ECONNREFUSED' }],
    ['error', 'not allowed', { code: 'AccessDenied' }],
    ['info', 'the queue accepts again', { afterSeconds: 70 }],
  ]);
});
