import { expect, test } from 'vitest';
import { readableLine } from '../../../localstack/embedded/readable-log.ts';

test('makes a line for people of a JSON log line', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-23T08:10:59.123Z',
    message: 'an event was rejected',
    sink: 'webhook',
    code: 'http_422',
    attempts: 1,
  });

  expect(readableLine(line)).toBe('08:10:59 warn  webhook: an event was rejected (code http_422, attempts 1)');
});

test('leaves other text as it is, but for what could steer a terminal', () => {
  expect(readableLine('not JSON')).toBe('not JSON');
  expect(readableLine('a\u001B[31mred\nline')).toBe('a [31mred line');
});
