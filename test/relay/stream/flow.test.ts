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
