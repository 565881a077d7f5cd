import { expect, it } from 'vitest';
import { plainDialect } from '../../../../functions/core/chat/dialect.ts';
import { within, type TextLayout } from '../../../../functions/core/chat/text.ts';

const layout: TextLayout = { dialect: plainDialect('en'), max: 100, unit: 'utf16' };

it('markup stands around as much of a text as has room beside it, and not around nothing', () => {
  const bold = (room: number) => within(room, 'text', (escaped) => `**${escaped}**`, layout);
  expect([8, 7, 5, 4, 3].map(bold)).toEqual(['**text**', '**te…**', '**…**', '', '']);
});
