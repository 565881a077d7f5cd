import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../../functions/core/contract/printable.ts';
import { anyText } from '../../../support/any-text.ts';

describe('a printable text', () => {
  it('is one well-formed line of at most 1 KB without control characters, whatever the text', () => {
    fc.assert(
      fc.property(anyText(3000), (text) => {
        const line = printable(text);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u);
      }),
    );
  });

  it('shows half a surrogate pair as a replacement character', () => {
    expect(printable('a\uD83Db')).toBe('a\uFFFDb');
    expect(printable('a\uDD25')).toBe('a\uFFFD');
  });

  it.each(['é', '漢', '🔥'])('is cut between characters: %s', (character) => {
    for (let before = 0; before < 8; before += 1) {
      const text = 'x'.repeat(before) + character.repeat(1024);

      const line = printable(text);

      expect(line.endsWith('…')).toBe(true);
      expect(text.startsWith(line.slice(0, -1))).toBe(true);
      expect(Buffer.byteLength(line)).toBeGreaterThan(1024 - 4);
    }
  });

  it('is left whole up to 1 KB', () => {
    expect(printable('x'.repeat(1024))).toBe('x'.repeat(1024));
    expect(printable('x'.repeat(1025))).toBe(`${'x'.repeat(1021)}…`);
  });
});
