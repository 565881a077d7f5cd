import { expect, test } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';

test('Retry-After is understood in seconds, as a date, and in a Status', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(new ApiError(429, undefined, '7', now).retryAfterMs).toBe(7000);
  expect(new ApiError(429, undefined, '99999999', now).retryAfterMs).toBe(300_000);
  expect(new ApiError(429, { details: { retryAfterSeconds: 3 } }).retryAfterMs).toBe(3000);
});

test.each([-5, 0, 'soon', null])('retryAfterSeconds of %j asks for nothing', (retryAfterSeconds) => {
  expect(new ApiError(429, { details: { retryAfterSeconds } }).retryAfterMs).toBeUndefined();
});
