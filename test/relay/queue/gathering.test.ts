import { beforeEach, expect, test } from 'vitest';
import { createGathering, type Gathering } from '../../../relay/queue/gathering.ts';
import type { Lane } from '../../../relay/queue/message.ts';
import { entry } from '../../support/queue-entry.ts';

let now: number;
let gathering: Gathering;
beforeEach(() => {
  now = 0;
  gathering = createGathering('prod', { perSecond: 0.5, burst: 1 }, () => now);
});

/** How many events are in each message that adding some gives. */
function add(lane: Lane, count: number): readonly number[] {
  const event = entry('{"v":1,"kind":"event","cluster":"prod","seenAt":"2026-11-23T08:00:00Z"}');
  return Array.from({ length: count }, () => gathering.add(lane, event))
    .flat()
    .map(({ parts }) => parts.length);
}

test('Warnings and others fill an envelope together, because they travel together', () => {
  expect(add('warning', 20)).toEqual([]);
  expect(add('normal', 179)).toEqual([]);
  expect(add('normal', 1)).toEqual([200]);
  expect(gathering.size).toBe(0);
});

test('what is sent because it is full counts against the budget of what it carries', () => {
  add('normal', 200);
  add('normal', 1);
  expect(gathering.waitMs()).toBe(2000);

  // No Warning was among them.
  add('warning', 1);
  expect(gathering.waitMs()).toBe(0);
  expect(gathering.allowed()).toHaveLength(1);
});

test('what waits is sent when it takes 256 KiB, however few they are', () => {
  const event = entry('{"v":1,"kind":"event","cluster":"prod","seenAt":""}', { bytes: 64 * 1024 });
  const closed = Array.from({ length: 5 }, () => gathering.add('normal', event).length > 0);
  expect(closed).toEqual([false, false, false, true, false]);
});
