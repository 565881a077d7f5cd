import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeOf,
  isRecord,
  listOf,
  messageOf,
  namedMessageOf,
  recordOf,
  textOf,
  textsOf,
} from '../../../../functions/core/contract/untrusted.ts';

describe('what was thrown', () => {
  it('has a text, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        for (const text of [messageOf(thrown), namedMessageOf(thrown), codeOf(thrown)])
          expect(text).toBeTypeOf('string');
      }),
    );
    expect(messageOf(Object.create(null))).toBe('something unprintable (object)');
  });

  it('is told by the message of an error, with its name where asked for', () => {
    const error = Object.assign(new TypeError('no such thing'), { code: 'ENOENT' });
    expect([messageOf(error), namedMessageOf(error), codeOf(error)]).toEqual([
      'no such thing',
      'TypeError: no such thing',
      'ENOENT',
    ]);
    expect([messageOf('boom'), namedMessageOf('boom'), codeOf('boom')]).toEqual(['boom', 'boom', '']);
  });
});

describe('what others sent', () => {
  const values = ['text', 7, null, undefined, ['a'], { a: 'b' }];

  it('is read as what it is, and otherwise as nothing', () => {
    expect(values.map(isRecord)).toEqual([false, false, false, false, false, true]);
    expect(values.map(recordOf)).toEqual([{}, {}, {}, {}, {}, { a: 'b' }]);
    expect(values.map(listOf)).toEqual([[], [], [], [], ['a'], []]);
    expect(values.map(textOf)).toEqual(['text', '', '', '', '', '']);
  });

  it('has the texts that it holds', () => {
    expect(textsOf({ a: 'b', c: 1, d: null, e: ['f'] })).toEqual({ a: 'b' });
  });
});
