import { expect, test } from 'vitest';
import { mayTake, observe } from '../../../relay/cursor/election.ts';
import type { Lease } from '../../../relay/cursor/lease-api.ts';

const lease = (holderIdentity: string | undefined, resourceVersion = '7'): Lease => ({
  metadata: { resourceVersion },
  spec: holderIdentity === undefined ? {} : { holderIdentity },
});

test('a Lease is observed since it was first seen as it is', () => {
  const first = observe(undefined, lease('a', '7'), 1000);
  expect(first).toEqual({ version: '7', sinceMs: 1000 });
  expect(observe(first, lease('a', '7'), 5000)).toEqual(first);
  expect(observe(first, lease('a', '8'), 5000)).toEqual({ version: '8', sinceMs: 5000 });
});

test.each([
  ['nobody holds it', '', 0, true],
  ['it never had a holder', undefined, 0, true],
  ['this relay holds it, from before a restart', 'me', 0, true],
  ['another one holds it and has just been seen', 'other', 0, false],
  ['another one has not renewed it for almost its duration', 'other', 14_999, false],
  ['another one has not renewed it for its duration', 'other', 15_000, true],
])('a relay may take a Lease: %s', (_, holder, unchangedMs, may) => {
  const observed = { version: '7', sinceMs: 100 };
  expect(mayTake(lease(holder), 'me', observed, 100 + unchangedMs, 15_000)).toBe(may);
});
