import { expect, it } from 'vitest';
import { plainDialect } from '../../../../functions/core/chat/dialect.ts';
import { quoted, within, type Layout } from '../../../../functions/core/chat/parts.ts';

const layout: Layout = { dialect: { ...plainDialect('en'), quote: (text) => `> ${text}` }, max: 100, unit: 'utf16' };

it('markup stands around as much of a text as has room beside it, and not around nothing', () => {
  const bold = (room: number) => within(room, 'text', (escaped) => `**${escaped}**`, layout);
  expect([8, 7, 5, 4, 3].map(bold)).toEqual(['**text**', '**te…**', '**…**', '', '']);
});

it('what an event does not say is not quoted', () => {
  expect([quoted('', 9, layout), quoted('text', 9, layout)]).toEqual(['', '> text']);
});
