import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, escapeText } from '../../../../functions/core/chat/escape.ts';
import { cutBytes, cutText, plainLine, sizeOf } from '../../../../functions/core/kit/text.ts';
import { anyText } from '../../../support/any-text.ts';

describe('cutting', () => {
  it('keeps whole code points within the bytes, and says that something is missing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.nat(300), (text, bytes) => {
        const cut = cutBytes(text, bytes);
        expect(sizeOf(cut, 'utf8')).toBeLessThanOrEqual(bytes);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut === text).toBe(sizeOf(text, 'utf8') <= bytes);
        expect(cut === text || bytes < 3 || cut.endsWith('…')).toBe(true);
        expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
      }),
    );
  });

  it('uses the room: the next character would not have fitted', () => {
    expect(cutBytes('容器反复退出', 12)).toBe('容器反…');
    expect(cutBytes('容器反复退出', 14)).toBe('容器反…');
    expect(cutBytes('a👩‍👩‍👧b', 8)).toBe('a👩…');
    expect(cutBytes('x'.repeat(1_000_000), 100)).toBe(`${'x'.repeat(97)}…`);
  });

  it('counts as the service does', () => {
    const whole = { escape: (text: string) => text };

    expect(cutText('容器反复退出', 6, { ...whole, unit: 'utf16' })).toBe('容器反复退出');
    expect(cutText('容器反复退出', 4, { ...whole, unit: 'utf16' })).toBe('容器反…');
    expect(cutText('🔥🔥🔥', 4, { ...whole, unit: 'utf16' })).toBe('🔥…');
    expect(cutText('🔥🔥🔥', 11, { ...whole, unit: 'utf8' })).toBe('🔥🔥…');
  });

  it('leaves no blank before the ellipsis, and nothing where not even that has room', () => {
    expect(cutBytes('one two three', 7)).toBe('one…');
    expect(cutBytes('容器', 3)).toBe('…');
    expect(cutBytes('容器', 2)).toBe('');
  });
});

describe('cutting what is to be escaped', () => {
  const entities = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const escapes = { entities, escapeText, escapeMarkdown };
  const piece = fc.constantFrom(
    '&',
    '&lt;',
    '<',
    '>',
    '"',
    '@',
    '@sha256:',
    '](',
    '_',
    'www.',
    '://',
    '🔥',
    '容',
    'ab',
  );
  const line = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

  it('cuts no escape in two, whatever escaping makes longer', () => {
    fc.assert(
      fc.property(
        line,
        fc.integer({ min: 16, max: 800 }).map((quarters) => quarters / 4),
        fc.constantFrom('utf8', 'utf16'),
        fc.constantFrom(...Object.values(escapes)),
        (text, max, unit, escape) => {
          const cut = cutText(text, max, { unit, escape });
          expect(sizeOf(cut, unit)).toBeLessThanOrEqual(max);
          expect(cut.isWellFormed()).toBe(true);
          const beginnings = Array.from(text, (_, index) => Array.from(text).slice(0, index).join(''));
          const isWhole = sizeOf(escape(text), unit) <= max;
          expect(isWhole ? [escape(text)] : beginnings.map((beginning) => `${escape(beginning)}…`)).toContain(cut);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('ends where the room is no whole number', () => {
    expect(cutText('🔥'.repeat(10), 5.25, { unit: 'utf16', escape: entities })).toBe('🔥🔥…');
  });

  it('uses the room', () => {
    expect(cutText('a<b<c<d', 12, { unit: 'utf8', escape: entities })).toBe('a&lt;b…');
    expect(cutText('<'.repeat(5000), 1000, { unit: 'utf16', escape: entities })).toBe(`${'&lt;'.repeat(249)}…`);
  });
});

describe('a plain line', () => {
  it('has ten thousand characters at most', () => {
    expect(['x'.repeat(10_000), 'x'.repeat(10_001)].map((text) => plainLine(text).length)).toEqual([10_000, 10_000]);
  });

  it('is one line of well-formed characters, whatever the text is', () => {
    fc.assert(
      fc.property(anyText(200), (text) => {
        const line = plainLine(`${text}\uD800\u202E\u0007\r\n`);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
