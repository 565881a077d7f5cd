import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createListReader } from '../../../relay/cluster/list-reader.ts';
import { chunksOfBytes, frameText } from '../../support/frames.ts';

describe('a list', () => {
  test('gives its items and its head, whatever they hold and wherever it is cut', () => {
    const object = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.jsonValue()));
    // Whether an item is one, is for its reader to say: none is passed over in silence.
    const item = fc.oneof({ weight: 4, arbitrary: object }, fc.jsonValue({ maxDepth: 2 }));
    const cases = fc
      .record({
        items: fc.array(item, { maxLength: 5 }),
        last: fc.boolean(),
        token: fc.string(),
        space: fc.constantFrom(0, 2),
      })
      .chain(({ items, last, token, space }) => {
        const metadata = { resourceVersion: '42', continue: token, items: [{ nested: [] }] };
        const list = last ? { metadata, items } : { items, kind: 'EventList', metadata };
        return fc.record({
          items: fc.constant(items),
          token: fc.constant(token),
          chunks: chunksOfBytes(Buffer.from(`${JSON.stringify(list, undefined, space)}\n`)),
        });
      });
    fc.assert(
      fc.property(cases, ({ items, token, chunks }) => {
        const reader = createListReader(100_000);
        const read = chunks.flatMap((chunk) =>
          [...reader.push(chunk)].map((frame): unknown => JSON.parse(frameText(frame))),
        );
        expect(read).toEqual(JSON.parse(JSON.stringify(items)));
        expect(reader.end()).toEqual({ resourceVersion: '42', continue: token });
      }),
    );
  });

  test('reports an item that is too long, and goes on behind it', () => {
    const reader = createListReader(100);
    const bytes = Buffer.from(
      JSON.stringify({ items: [{ a: 1 }, { b: 'x'.repeat(500) }, { c: 3 }], metadata: { resourceVersion: '1' } }),
    );
    const frames = [bytes.subarray(0, 50), bytes.subarray(50)].flatMap((chunk) =>
      [...reader.push(chunk)].map(frameText),
    );
    expect(frames.map((text) => text.replace(/\d{3,}$/, 'N'))).toEqual(['{"a":1}', 'too long: N', '{"c":3}']);
  });

  test.each(['', '{"items":[{"a":1}', '{"kind":"Status"}', 'not found', '[]'])(
    'fails at the end if it was none: %s',
    (text) => {
      const reader = createListReader(100);
      for (const _ of reader.push(Buffer.from(text)));
      expect(() => reader.end()).toThrow(SyntaxError);
    },
  );

  test.each([' ', '\t', '\n', '\r'])('with nothing but %j between its brackets is empty', (space) => {
    const reader = createListReader(100);
    expect([...reader.push(Buffer.from(`{"items":[${space}],"metadata":{"resourceVersion":"7"}}`))]).toEqual([]);
    expect(reader.end().resourceVersion).toBe('7');
  });

  test('whose items are null is empty', () => {
    const reader = createListReader(100);
    expect([...reader.push(Buffer.from('{"metadata":{"resourceVersion":"7"},"items":null}'))]).toEqual([]);
    expect(reader.end()).toEqual({ resourceVersion: '7', continue: '' });
  });

  test.each(['{"a":1},', '{"a":1}', '{"a":', ''])('that breaks off after %j has no end', (rest) => {
    const reader = createListReader(100);
    for (const _ of reader.push(Buffer.from(`{"metadata":{"resourceVersion":"7"},"items":[${rest}`)));
    expect(() => reader.end()).toThrow(SyntaxError);
  });

  test('with an item of exactly the bound is whole, and one byte more is too long, however it is cut', () => {
    const bytes = Buffer.from('{"metadata":{"resourceVersion":"7"},"items":[{"a":"123"},{"b":"1234"},{"c":3}]}');
    fc.assert(
      fc.property(chunksOfBytes(bytes), (chunks) => {
        const reader = createListReader('{"a":"123"}'.length);
        const frames = chunks.flatMap((chunk) => [...reader.push(chunk)]);
        expect(frames.map((frame) => 'line' in frame)).toEqual([true, false, true]);
        expect(reader.end().resourceVersion).toBe('7');
      }),
    );
  });

  test('holds no more of an item that is too long than tells it from others', () => {
    const reader = createListReader(2000);
    const bytes = Buffer.from(`{"items":[{"a":"${'x'.repeat(5000)}"}`);
    const frames = [bytes, Buffer.from(',')].flatMap((chunk) => [...reader.push(chunk)]);
    expect(frames.map(frameText)).toEqual(['too long: 1024']);
  });

  test('with a megabyte besides its items is refused', () => {
    const reader = createListReader(100);
    const push = (): void => {
      for (const _ of reader.push(Buffer.from(`{"metadata":{"annotations":"${'x'.repeat(1024 * 1024)}`)));
    };
    expect(push).toThrow('too much besides its items');
  });
});
