import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseReply, toJson } from '../../../../functions/core/kit/json.ts';

describe('toJson', () => {
  it('writes what can be read again, but for lone surrogates, which become U+FFFD in texts and names', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text), fc.integer(), fc.boolean())),
        (value) => {
          const written = toJson(value);

          expect(written).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/);
          const plain = JSON.stringify(value);
          const isAffected = /(?<!\\)(\\\\)*\\ud[89a-f]/.test(plain);
          expect(written === plain || isAffected).toBe(true);
        },
      ),
    );
    expect(toJson({ 'a\uD800': 1, fine: { '\uDC00': 'b' } })).toBe('{"a�":1,"fine":{"�":"b"}}');
    expect(toJson({ 'a\uD800': ['\uDC00b', 1, null, { c: '🔥' }] })).toBe('{"a\uFFFD":["\uFFFDb",1,null,{"c":"🔥"}]}');
  });

  it('indents where asked to', () => {
    expect(toJson({ a: 1 }, 1)).toBe('{\n "a": 1\n}');
  });
});

describe('parseReply', () => {
  const shape = z.object({ status: z.number() });

  it.each([
    ['{"status":1,"other":2}', { status: 1 }],
    ['{"status":"1"}', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['', undefined],
    ['<html>', undefined],
  ])('of %s is %o', (body, expected) => {
    expect(parseReply(shape, body)).toEqual(expected);
  });
});
