import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DOCUMENT_BYTES, parseJsonObject } from '../../../../functions/core/destinations/json-object.ts';

function problem(text: string): string {
  const parsed = parseJsonObject(text);
  return 'problems' in parsed ? parsed.problems.map(({ message }) => message).join() : '';
}

describe('a text that is not JSON', () => {
  it.each([
    ['{\n  "filter": {},\n  "enabled": true,\n}\n', 4, 1],
    ['{"a": b}', 1, 7],
    ['{\n"a": tru}', 2, 9],
    ['{"a" "b"}', 1, 6],
    ['{"a":1}}', 1, 8],
    ['{"a":[1,]}', 1, 9],
    ['{"a":NaN}', 1, 6],
    ["{'a':1}", 1, 2],
    ['\uFEFF{}', 1, 1],
    ['{"a":"x\ny"}', 1, 8],
    ['{"a":"\\x"}', 1, 8],
    ['{"a":1} // no', 1, 9],
    ['{\n  "a": "open', 2, 13],
    ['{\n', 2, 1],
    ['', 1, 1],
    ['name: value\n', 1, 2],
  ])('%j is wrong at line %i, column %i', (text, line, column) => {
    expect(problem(text)).toBe(`is not JSON: syntax error at line ${line}, column ${column}`);
  });

  it('is wrong where a character was put in that JSON does not know', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, seed) => {
        const text = JSON.stringify(value, null, 2).replaceAll('{{', '');
        const at = seed % (text.length + 1);
        const broken = `${text.slice(0, at)}@${text.slice(at)}`;
        const found = problem(broken);
        if (!found.startsWith('is not JSON')) return;
        const lines = text.slice(0, at).split('\n');
        expect(found).toBe(
          `is not JSON: syntax error at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`,
        );
      }),
    );
  });

  it('is not shown: what stands there may be a secret', () => {
    for (const text of ['{"token": s3cr3t}', '{"token": "s3cr3t" "x"}', '["s3cr3t",]', 's3cr3t'])
      expect(problem(text)).toMatch(/^is not JSON: syntax error at line 1, column \d+$/);
  });
});

describe('a document', () => {
  it.each(['[]', '"text"', '1', 'null', 'true'])('%s is not a JSON object', (text) => {
    expect(problem(text)).toBe('is not a JSON object');
  });

  it('has at most as many bytes as a parameter, counted in UTF-8', () => {
    const room = MAX_DOCUMENT_BYTES - '{"a":""}'.length;
    expect(problem(JSON.stringify({ a: 'x'.repeat(room) }))).toBe('');
    expect(problem(JSON.stringify({ a: 'x'.repeat(room + 1) }))).toContain(
      'is 8193 bytes, a parameter holds at most 8192',
    );
    expect(problem(JSON.stringify({ a: 'ü'.repeat(room / 2 + 1) }))).toContain('is 8194 bytes');
  });

  it('holds no double curly braces, which SSM refuses anywhere', () => {
    expect(problem('{"a":{"b":"{{ .Message }}"}}')).toContain('contains {{');
    expect(problem('{"a":{"b":"{ {"}}')).toBe('');
  });
});
