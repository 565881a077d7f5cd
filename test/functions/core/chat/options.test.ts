import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import { chatFields } from '../../../../functions/core/chat/options.ts';
import { parseWith } from '../../../../functions/core/contract/config.ts';

describe('the options of chats', () => {
  const schema = z.strictObject(chatFields);

  it('have defaults for everything', () => {
    expect(parseWith(schema, {})).toEqual({ value: { language: 'en', timeZone: 'UTC', links: {}, labels: [] } });
  });

  it('take five links and ten labels', () => {
    const links = Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`${index}`.padEnd(40, 'x'), 'x']));
    const labels = Array.from({ length: 10 }, () => 'x'.repeat(200));
    expect(parseWith(schema, { links, labels })).toMatchObject({ value: { links, labels } });
  });

  it.each([
    [{ language: 'de' }, 'language'],
    [{ timeZone: 'Peking' }, 'timeZone'],
    [{ links: { Logs: 'https://example.com/${ event.pod }' } }, 'links.Logs'],
    [{ links: { a: 'x', b: 'x', c: 'x', d: 'x', e: 'x', f: 'x' } }, 'links'],
    [{ links: { '': 'x' } }, 'links....'],
    [{ links: { ' ': 'x' } }, 'links....'],
    [{ links: { ['x'.repeat(41)]: 'x' } }, `links.${'x'.repeat(41)}...`],
    [{ labels: [''] }, 'labels[0]'],
    [{ labels: ['x'.repeat(201)] }, 'labels[0]'],
    [{ labels: Array.from({ length: 11 }, () => 'x') }, 'labels'],
  ])('name the mistake in %j', (document, field) => {
    expect(parseWith(schema, document)).toMatchObject({ problems: [{ field }] });
  });
});
