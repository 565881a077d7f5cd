import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../../../../infra/console/page/destinations/diff.ts';

function side(kind: 'added' | 'removed', before: string, after: string): string {
  return diffLines(before, after)
    .filter((line) => line.kind === kind || line.kind === 'same')
    .map(({ text }) => text)
    .join('\n');
}

const text = fc
  .array(fc.constantFrom('{', '}', '  "a": 1,', '  "b": 2', ''), { maxLength: 12 })
  .map((all) => all.join('\n'));

describe('the difference of two texts', () => {
  it('shows a changed line as removed and added between those that stay', () => {
    expect(diffLines('{\n  "a": 1\n}', '{\n  "a": 2\n}')).toEqual([
      { kind: 'same', text: '{' },
      { kind: 'removed', text: '  "a": 1' },
      { kind: 'added', text: '  "a": 2' },
      { kind: 'same', text: '}' },
    ]);
  });

  it('has both texts in it, and nothing else', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(side('removed', before, after)).toBe(before);
        expect(side('added', before, after)).toBe(after);
      }),
    );
  });

  it('shows no difference between a text and itself', () => {
    fc.assert(
      fc.property(text, (same) => {
        expect(diffLines(same, same).filter(({ kind }) => kind !== 'same')).toEqual([]);
      }),
    );
  });

  it('ends on texts that have nothing in common and are long', () => {
    const long = (name: string) => Array.from({ length: 5000 }, (_each, index) => `${name} ${index}`).join('\n');

    expect(diffLines(long('a'), long('b'))).toHaveLength(10_000);
  });
});
