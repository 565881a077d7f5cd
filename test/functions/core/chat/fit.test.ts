import { describe, expect, it } from 'vitest';
import type { Card, Part } from '../../../../functions/core/chat/card.ts';
import { fit, lastOf } from '../../../../functions/core/chat/fit.ts';

const quote = (text: string): Part => ({ kind: 'quote', text });
const tally: Part = { kind: 'tally', text: 'tttt' };
const id: Part = { kind: 'id', text: 'iiii' };

/** A card as its texts, a line each. */
function fitted(body: readonly Part[], max: number): string {
  const lay = (card: Card): string =>
    [card.title.slice(0, max), ...card.body.map((part) => ('text' in part ? part.text : part.kind))].join('\n');
  return fit({ severity: 'info', title: 'head', body }, { lay, size: (text) => text.length, max });
}

describe('fitting a card into some room', () => {
  it('leaves everything as it is where it fits', () => {
    expect(fitted([quote('qqqq'), tally, id], 19)).toBe('head\nqqqq\ntttt\niiii');
  });

  it('leaves out what says least first, and keeps the title, which the service cuts', () => {
    const body = [quote('qqqq'), tally, id];
    expect([18, 13, 8, 4, 3].map((max) => fitted(body, max))).toEqual([
      'head\nqqqq\niiii',
      'head\nqqqq',
      'head',
      'head',
      'hea',
    ]);
  });

  it('shortens the quote before anything is left out, but not to less than says something', () => {
    const body = [quote('m'.repeat(500)), tally];
    expect(fitted(body, 300)).toBe(`head\n${'m'.repeat(289)}…\ntttt`);
    expect(fitted(body, 250)).toBe(`head\n${'m'.repeat(239)}…\ntttt`);
    expect(fitted(body, 249)).toBe(`head\n${'m'.repeat(243)}…`);
    expect(fitted(body, 244)).toBe('head');
  });
});

it('finds the last number for which something holds', () => {
  for (const limit of [2, 3, 7, 9, 10, 50])
    expect(lastOf(3, 10, (n) => n <= limit)).toBe(limit < 3 ? undefined : Math.min(limit, 10));
  expect(lastOf(3, 2, () => true)).toBeUndefined();
});
