import { expect, test } from 'vitest';
import { readCursors, writeCursors } from '../../../relay/cursor/saved-cursors.ts';

const observedAt = '2026-01-01T00:00:00.000Z';

test('cursors survive being written and read', () => {
  const cursors = { '*': { rv: '12', observedAt }, shop: { observedAt } };
  expect(readCursors(writeCursors(cursors))).toEqual(cursors);
  expect(JSON.parse(writeCursors(cursors))).toEqual({ v: 1, streams: cursors });
  expect(readCursors(writeCursors(cursors, { installation: 'i' }))).toEqual(cursors);
  expect(JSON.parse(writeCursors({}, { installation: 'i' }))).toEqual({ v: 1, installation: 'i', streams: {} });
});

test.each([
  '',
  'no JSON',
  'null',
  '[]',
  '{}',
  '{"streams":{}}',
  '{"v":2,"streams":{}}',
  '{"v":"1","streams":{}}',
  '{"v":1}',
  '{"v":1,"streams":null}',
  '{"v":1,"streams":[]}',
  '{"v":1,"streams":{"*":null}}',
  '{"v":1,"streams":{"*":{"rv":"1"}}}',
  '{"v":1,"streams":{"*":{"rv":"1","observedAt":7}}}',
  '{"v":1,"streams":{"*":{"rv":"1","observedAt":"yesterday"}}}',
])('what is not a saved form is none: %s', (text) => {
  expect(readCursors(text)).toBeUndefined();
});

test.each(['""', '7', 'null'])('a version that is %s is none', (rv) => {
  expect(readCursors(`{"v":1,"streams":{"*":{"rv":${rv},"observedAt":"${observedAt}"}}}`)).toEqual({
    '*': { observedAt },
  });
});
