import { expect, test } from 'vitest';
import { listFilter } from '../../../relay/stream/list-filter.ts';

const cursor = { rv: '100', observedMs: 0 };
const wants = listFilter('expired', cursor, { kind: 'all' });

test.each([
  ['101', true],
  ['100', false],
  ['99', false],
  // What cannot be compared may be new: a duplicate is better than a loss.
  ['opaque', true],
  [101, true],
  [null, true],
  [undefined, true],
])('an event of version %j is sent past the cursor: %j', (resourceVersion, isSent) => {
  expect(wants({ metadata: { uid: 'u', resourceVersion } })).toBe(isSent);
});

test.each([null, 'text', 7, []])('an event whose metadata is %j is sent', (metadata) => {
  expect(wants({ metadata })).toBe(true);
});
