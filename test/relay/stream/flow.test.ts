import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import { createFlow } from '../../../relay/stream/flow.ts';
import { createWatermark } from '../../../relay/stream/watermark.ts';
import { createTestOutbox, pass } from '../../support/stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();

test('a stream that never waited for the queue is not held, and has been idle since it began', async () => {
  const flow = createFlow(createTestOutbox(), createWatermark({ observedMs: 0 }));
  await pass(3000);
  expect([flow.isHeld, flow.idleMs]).toEqual([false, 3000]);
  flow.moved();
  await pass(1000);
  expect(flow.idleMs).toBe(1000);
});

test('a stream that waits for the queue is held and not idle, and then begins to count anew', async () => {
  const outbox = createTestOutbox();
  outbox.setFull(true);
  const flow = createFlow(outbox, createWatermark({ observedMs: 0 }));
  const easing = flow.ease(signal);
  await pass(3000);
  expect([flow.isHeld, flow.idleMs]).toEqual([true, 0]);
  outbox.setFull(false);
  await easing;
  await pass(1000);
  expect([flow.isHeld, flow.idleMs]).toEqual([false, 1000]);
});

test('a stream reads no further while more than twenty thousand items wait, and goes on at half of that', async () => {
  const watermark = createWatermark({ observedMs: 0 });
  const flow = createFlow(createTestOutbox(), watermark);
  const done = Array.from({ length: 20_000 }, () => watermark.add(undefined, 0));
  await flow.ease(signal);
  done.push(watermark.add(undefined, 0));
  let isEased = false;
  void flow.ease(signal).then(() => (isEased = true));
  for (const each of done.slice(0, 10_000)) each();
  await pass(0);
  expect([isEased, flow.isHeld]).toEqual([false, true]);
  done[10_000]?.();
  await pass(0);
  expect([isEased, flow.isHeld]).toEqual([true, false]);
});
