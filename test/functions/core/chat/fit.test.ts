import { describe, expect, it } from 'vitest';
import { fit, type Block } from '../../../../functions/core/chat/fit.ts';

const block = (rank: number, text: string): Block => ({
  rank,
  text,
  ...(rank === 0 && { shrink: (room) => text.slice(0, room) }),
});

function fitted(blocks: readonly Block[], max: number, unit: 'utf8' | 'utf16' = 'utf8'): string {
  return fit(blocks, '\n', { max, unit });
}

describe('fitting paragraphs', () => {
  const blocks = [block(0, 'aaaa'), block(2, 'bbbb'), block(1, 'cccc'), block(2, 'dddd')];

  it('leaves everything as it is where it fits', () => {
    expect(fitted(blocks, 19)).toBe('aaaa\nbbbb\ncccc\ndddd');
    expect(fitted([block(0, '容'), block(1, '器')], 3, 'utf16')).toBe('容\n器');
  });

  it('leaves out the highest rank first, and the later of equals', () => {
    expect(fitted(blocks, 18)).toBe('aaaa\nbbbb\ncccc');
    expect(fitted(blocks, 14)).toBe('aaaa\nbbbb\ncccc');
    expect(fitted(blocks, 9)).toBe('aaaa\ncccc');
  });

  it('shortens the first paragraph only where nothing else is left', () => {
    expect(fitted(blocks, 4)).toBe('aaaa');
    expect(fitted(blocks, 3)).toBe('aaa');
  });

  it('shortens the message before anything is left out, but not to less than says something', () => {
    const message = { ...block(1, 'm'.repeat(500)), shrink: (room: number) => 'm'.repeat(room) };
    const all = [block(0, 'head'), message, block(2, 'foot')];

    expect(fitted(all, 300)).toBe(`head\n${'m'.repeat(290)}\nfoot`);
    expect(fitted(all, 250)).toBe(`head\n${'m'.repeat(240)}\nfoot`);
    expect(fitted(all, 249)).toBe(`head\n${'m'.repeat(244)}`);
    expect(fitted(all, 244)).toBe('head');
  });
});
