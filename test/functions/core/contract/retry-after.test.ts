import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../../functions/core/contract/retry-after.ts';

const now = Date.parse('2026-11-23T08:00:00Z');

test.each([
  ['7', 7000],
  [' 120 ', 120_000],
  ['64.57', 64_570],
  ['0', 0],
  ['Mon, 23 Nov 2026 08:02:00 GMT', 120_000],
  ['Mon, 23 Nov 2026 07:00:00 GMT', 0],
  ['99999999', 99_999_999_000],
])('%j asks for %i ms', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));

test.each([undefined, '', ' ', 'soon', '-5', '1e9', '0x10', '5 seconds'])('%j asks for nothing', (header) => {
  expect(retryAfterMs(header, now)).toBeUndefined();
});
