import { expect, test } from 'vitest';
import { faultsOf, withFault } from './faults.ts';

test.each([
  ['a condition that is turned round', 'if (a) f;', ['if (!(a)) f;', 'if (a) ;']],
  ['a choice', 'const x = a ? b : c;', ['const x = !(a) ? b : c;']],
  ['a negation that is gone', 'const x = !a;', ['const x = a;']],
  ['another operator', 'const x = a && (b);', ['const x = a || (b);']],
  ['a fallback always or never', 'const x = a ?? b;', ['const x = a;', 'const x = b;']],
  ['a bound that is one off', 'const x = a < b;', ['const x = a <= b;']],
  ['a comparison with another text', "const x = a === 'b';", ["const x = a !== 'b';", "const x = a === 'other';"]],
  ['a sum', 'const x = a + b;', ['const x = a - b;']],
  ['a count', 'const x = i++;', ['const x = i--;']],
  ['small and large numbers', 'const x = [1, 60_000];', ['const x = [2, 60_000];', 'const x = [1, 120000];']],
  ['a truth', 'const x = true;', ['const x = false;']],
  ['a pattern that is not anchored', 'const x = /^a$/i;', ['const x = /a$/i;', 'const x = /^a/i;', 'const x = /^a$/;']],
  ['another method', 'const x = a.some(b);', ['const x = a.every(b);']],
  ['a statement that is left out', 'f(x);', [';']],
  ['an end that does not come', 'function f(): void { return; }', ['function f(): void { ; }']],
])('makes %s', (_, text, expected) => {
  expect(
    faultsOf(text)
      .map((fault) => withFault(text, fault))
      .toSorted(),
  ).toEqual(expected.toSorted());
});

test.each(["import { a } from 'b';", 'type A = 1 | true;', "const x = 'a text for people';", 'const x = a.b;'])(
  'leaves %s alone',
  (text) => {
    expect(faultsOf(text)).toEqual([]);
  },
);
