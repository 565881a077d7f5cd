import { expect, test } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import { UnreadableFrame } from '../../../relay/cluster/frame-parser.ts';
import { faultOf, faultOfFrame } from '../../../relay/stream/fault.ts';

test.each([
  [410, {}, 'expired', 'expired'],
  [404, { reason: 'Expired' }, 'expired', 'expired'],
  [500, { reason: 'Gone' }, 'expired', 'expired'],
  [400, {}, 'invalid', 'http_400'],
  [422, {}, 'invalid', 'http_422'],
  [401, {}, 'refused', 'http_401'],
  [403, {}, 'refused', 'http_403'],
  [404, {}, 'refused', 'http_404'],
  [429, {}, 'refused', 'http_429'],
  [499, {}, 'refused', 'http_499'],
  [500, {}, 'server-error', 'http_500'],
  [504, {}, 'server-error', 'http_504'],
])('the answer %i with %j is: %s', (status, body, kind, cause) => {
  expect(faultOf(new ApiError(status, body), '*')).toMatchObject({ kind, cause });
});

test.each([
  [new Error('read ECONNRESET'), 'cut', 'connection'],
  [new SyntaxError('no list'), 'cut', 'connection'],
  ['thrown', 'cut', 'connection'],
  [new UnreadableFrame('bad'), 'unreadable', 'unreadable'],
])('what is thrown without an answer, %s, is: %s', (error, kind, cause) => {
  expect(faultOf(error, '*')).toMatchObject({ kind, cause });
  expect(faultOf(error, '*').retryAfterMs).toBeUndefined();
});

test.each([
  [{ code: 410 }, 'expired', 'expired'],
  [{ code: 500, reason: 'Expired' }, 'expired', 'expired'],
  [{ code: 500 }, 'error-frame', 'http_500'],
  [{ code: 400 }, 'error-frame', 'http_400'],
  [{ code: 403 }, 'error-frame', 'http_403'],
  [{ code: 'no number' }, 'error-frame', 'http_500'],
  [null, 'error-frame', 'http_500'],
])('an ERROR frame with %j is: %s', (object, kind, cause) => {
  expect(faultOfFrame(object, '*')).toMatchObject({ kind, cause });
});

test.each([
  [new ApiError(401, {}), '*', "the API server refuses the relay's identity (401)"],
  [new ApiError(403, {}), '*', /^no permission to read events in all namespaces: .* get, list and watch on events$/],
  [new ApiError(403, {}), 'shop', /in namespace shop/],
  [new ApiError(500, { message: 'etcd is away' }), '*', /^no events from the API server: .* 500: etcd is away$/],
  [new Error('connect ECONNREFUSED'), '*', 'no events from the API server: connect ECONNREFUSED'],
])('%s, in %s, is said', (error, stream, reason) => {
  expect(faultOf(error, stream).reason).toEqual(reason instanceof RegExp ? expect.stringMatching(reason) : reason);
});

test('how long the server asks to be left alone is kept', () => {
  expect(faultOf(new ApiError(429, {}, '7'), '*').retryAfterMs).toBe(7000);
  expect(faultOfFrame({ code: 429, details: { retryAfterSeconds: 3 } }, '*').retryAfterMs).toBe(3000);
});
