import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSseReader,
  MAX_LINE_CHARACTERS,
  type SseMessage,
} from '../../../../infra/console/page/foundation/sse.ts';

function read(...chunks: readonly string[]): readonly SseMessage[] {
  const messages: SseMessage[] = [];
  const take = createSseReader((message) => messages.push(message));
  for (const chunk of chunks) take(chunk);
  return messages;
}

describe('a reader of server-sent events', () => {
  it('tells the name, the data and the id of a message', () => {
    expect(read('id: a-7\nevent: live\ndata: {"a":1}\n\n')).toEqual([{ event: 'live', data: '{"a":1}', id: 'a-7' }]);
  });

  it('calls a message without a name a message, and keeps the last id for those without one', () => {
    expect(read('id: 1\ndata: a\n\ndata: b\n\n')).toEqual([
      { event: 'message', data: 'a', id: '1' },
      { event: 'message', data: 'b', id: '1' },
    ]);
  });

  it('joins lines of data, drops one space, and passes over comments and unknown fields', () => {
    expect(read(': hello\n\nretry: 5\ndata:  a\ndata\ndata:b\n\n')).toEqual([
      { event: 'message', data: ' a\n\nb', id: '' },
    ]);
  });

  it('tells nothing of a name without data, nor of a message that has not ended', () => {
    expect(read('event: live\n\ndata: a\n')).toEqual([]);
  });

  it('takes no id with a zero in it, and no byte order mark for data', () => {
    expect(read('\uFEFFid: a\0b\ndata: a\n\n')).toEqual([{ event: 'message', data: 'a', id: '' }]);
  });

  it('reads the same wherever the text is cut, and whichever ends of lines it has', () => {
    const line = fc.constantFrom('data: one', 'data: {"a": "ü"}', 'id: 4', 'event: flow', ': comment', '', 'data');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 20 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 8 }),
        (lines, cuts) => {
          const text = lines.map(([content, end]) => content + end).join('');
          const ends = [...cuts.map((cut) => Math.min(cut, text.length)), text.length].toSorted((a, b) => a - b);
          const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));

          // A line that follows shows whether the last one ended.
          expect(read(...chunks, '\n')).toEqual(read(`${text}\n`));
        },
      ),
    );
  });

  it('fails when a line does not end', () => {
    const take = createSseReader(() => undefined);

    expect(() => take(`data: ${'x'.repeat(MAX_LINE_CHARACTERS)}`)).toThrow('does not end');
  });
});
