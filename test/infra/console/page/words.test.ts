import { describe, expect, it } from 'vitest';
import { fill, parametersOf } from '../../../../infra/console/page/words/say.ts';
import { words } from '../../../../infra/console/page/words/words.ts';

describe('the words of the page', () => {
  it.each(Object.entries(words))('say %s in both languages, with the same parameters', (_word, [en, zh]) => {
    expect(en.trim()).not.toBe('');
    expect(zh.trim()).not.toBe('');
    expect(parametersOf(zh).filter((name) => !parametersOf(en).includes(name))).toEqual([]);
    expect(parametersOf(en).filter((name) => !parametersOf(zh).includes(name) && !isCounted(en, name))).toEqual([]);
  });

  it('are told apart by number where English needs it', () => {
    expect(fill('{n} {n?letter:letters}', { n: 1 })).toBe('1 letter');
    expect(fill('{n} {n?letter:letters}', { n: 12_345 })).toBe('12,345 letters');
  });

  it('put a parameter in as it is, whatever is in it', () => {
    expect(fill('at {name}', { name: '{n} $& <b>' })).toBe('at {n} $& <b>');
  });
});

/** Whether a parameter only chooses between two words. */
function isCounted(text: string, name: string): boolean {
  return !text.includes(`{${name}}`);
}
