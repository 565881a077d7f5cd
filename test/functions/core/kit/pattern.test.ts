import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import { caseMistake, compilePatterns, patterns } from '../../../../functions/core/kit/pattern.ts';

describe('a pattern', () => {
  it('is compared as a whole, where * is any text: as the regular expression that says the same', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n', '容'), maxLength: 8 });
    const wildcard = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '\n', '容'), maxLength: 8 });
    fc.assert(
      fc.property(wildcard, letters, (pattern, text) => {
        const escaped = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
        expect(compilePatterns(pattern)(text)).toBe(new RegExp(`^${escaped.join('[^]*')}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['ab*b', 'ab', false],
    ['ab*b', 'abb', true],
    ['a*a', 'a', false],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'xaby', false],
    ['**', '', true],
  ])('%j takes no character twice: %j is %j', (pattern, text, expected) => {
    expect(compilePatterns(pattern)(text)).toBe(expected);
  });

  it('between slashes is a regular expression, found anywhere, with flags', () => {
    expect(compilePatterns('/ready/i')('Not Ready')).toBe(true);
    expect(compilePatterns('/^ready/i')('Not Ready')).toBe(false);
    expect(compilePatterns('/a.b/')('a\nb')).toBe(false);
    expect(compilePatterns('/a.b/s')('a\nb')).toBe(true);
    expect(compilePatterns('/^b$/m')('a\nb')).toBe(true);
    expect(compilePatterns('/')('/')).toBe(true);
  });

  it('holds in a list where any of it does', () => {
    expect(['x', 'yes', 'no'].map(compilePatterns(['x', '/^y/']))).toEqual([true, true, false]);
  });

  it.each(['/', 'plain', '*', '/a/ism', 'Warning', ['a', 'Normal']])('may be %j', (value) => {
    expect(parseWith(patterns(['Normal', 'Warning']), value)).toEqual({ value });
  });

  it('that differs from what exists in case only is refused', () => {
    expect(parseWith(patterns(['Normal', 'Warning']), 'warning')).toEqual({
      problems: [{ field: '', message: 'would never hold, for case counts: did you mean Warning?' }],
    });
    expect(caseMistake('other', ['Normal'])).toBeUndefined();
  });

  it.each([
    ['/(/', 'not a valid regular expression'],
    ['/(?=a)/', 'RE2 syntax'],
    ['/a/g', 'unknown regular expression flag g (allowed: i, s, m)'],
    ['/a', 'has no closing /'],
    [[], 'expected at least one pattern'],
  ])('%j is refused: %s', (value, message) => {
    const parsed = parseWith(z.strictObject({ field: patterns() }), { field: value });

    expect('problems' in parsed ? JSON.stringify(parsed.problems) : '').toContain(message);
  });
});
