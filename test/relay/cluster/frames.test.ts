import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameSplitter } from '../../../relay/cluster/frames.ts';
import { chunksOfBytes, frameText } from '../../support/frames.ts';

describe('frames', () => {
  test('are the same wherever the stream is cut', () => {
    const bytes = Buffer.from('{"a":"ü😀"}\n\r\n{"b":2}\r\n{"c":3}\nrest without an end');
    fc.assert(
      fc.property(chunksOfBytes(bytes), (chunks) => {
        const splitter = createFrameSplitter(1000);
        expect(chunks.flatMap((chunk) => [...splitter.push(chunk)].map(frameText))).toEqual([
          '{"a":"ü😀"}',
          '{"b":2}',
          '{"c":3}',
        ]);
      }),
    );
  });

  test('that are too long are reported once, and what follows is read', () => {
    const bytes = Buffer.from(`ok\n${'x'.repeat(5000)}\nagain\n`);
    fc.assert(
      fc.property(chunksOfBytes(bytes), (chunks) => {
        const splitter = createFrameSplitter(100);
        const frames = chunks.flatMap((chunk) => [...splitter.push(chunk)].map(frameText));
        expect(frames.map((text) => text.replace(/\d+$/, 'N'))).toEqual(['ok', 'too long: N', 'again']);
      }),
    );
  });

  test('that are too long are known by their first kibibyte', () => {
    const line = `${'x'.repeat(1023)}yz${'x'.repeat(3000)}`;
    const frames = [...createFrameSplitter(2000).push(Buffer.from(`${line}\n`))];
    expect(frames).toEqual([{ tooLong: Buffer.from(line.slice(0, 1024)) }]);
  });

  test('of exactly the bound are whole, one byte more is too long, wherever the stream is cut', () => {
    const bytes = Buffer.from('1234567890\n12345678901\n1234567890\n');
    fc.assert(
      fc.property(chunksOfBytes(bytes), (chunks) => {
        const splitter = createFrameSplitter(10);
        const frames = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
        expect(frames.map((frame) => 'line' in frame)).toEqual([true, false, true]);
      }),
    );
  });

  test('that are unfinished are kept apart from the chunk that they came in', () => {
    const splitter = createFrameSplitter(100);
    const chunk = Buffer.from('{"a":');
    expect([...splitter.push(chunk)]).toEqual([]);
    chunk.fill(0);
    expect([...splitter.push(Buffer.from('1}\n'))].map(frameText)).toEqual(['{"a":1}']);
  });
});
