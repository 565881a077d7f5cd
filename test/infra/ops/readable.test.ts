import { expect, test } from 'vitest';
import { readable } from '../../../infra/ops/readable.ts';

test('lays out objects as YAML, with the lines of a text as lines', () => {
  expect(readable({ msgtype: 'markdown', markdown: { text: '### BackOff\n\n> a "quoted" word' } })).toBe(
    ['msgtype: markdown', 'markdown:', '  text: |-', '    ### BackOff', '', '    > a "quoted" word'].join('\n'),
  );
});

test('lays out JSON within texts', () => {
  expect(readable(['{"a":{"b":[1]}}', 'plain', '{not json', '42'])).toBe(
    ['- a:', '    b:', '      - 1', '- plain', '- "{not json"', '- "42"'].join('\n'),
  );
  expect(readable('{"a":1}')).toBe('a: 1');
});

test('leaves a text that is one as it is', () => {
  expect(readable('2026 prod Warning: first\nsecond')).toBe('2026 prod Warning: first\nsecond');
});

test('shows what text is in bytes', () => {
  expect(readable(new Uint8Array([10, 3, 0x61, 0x62, 0x63, 0, 0xff]))).toBe('7 bytes: abc');
});

test('keeps times, and shows nothing that steers a terminal', () => {
  expect(readable({ at: new Date(0), text: 'red \u001b[31m' })).toBe(
    'at: 1970-01-01T00:00:00.000Z\ntext: "red \\e[31m"',
  );
  expect(readable('red \u001b[31m')).toBe('red  [31m');
});
