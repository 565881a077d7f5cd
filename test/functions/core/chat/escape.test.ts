import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, escapeText, inlineCode } from '../../../../functions/core/chat/escape.ts';
import { markdownKinds, markdownTargets } from '../../../support/markdown.ts';
import { anyText } from '../../../support/any-text.ts';

const pieces: readonly string[] = [
  '< > [ ] ( ) ! # * ** _ __ ` ``` ~ ~~ | \\ --- === &lt; &#64; @ @all <@all> </font> [x] ![ :// javascript:'.split(
    ' ',
  ),
  ['# ', '- ', '1. ', '> ', '\n', '\n\n', '<font color="red">', '<a href="http://evil.example">', ' ', '\t'],
  [
    'http://evil.example',
    'www.evil.example',
    'WWW.evil.example',
    'a@evil.example',
    '(http://evil.example)',
    ': http://evil.example',
  ],
  ['\u202E', '\u200B', 'pod', 'api-7d9f', 'DB_PASSWORD', '容器'],
].flat();

/** Text made of what markup is made of: far likelier to hit something than random text. */
const markup = fc
  .array(fc.oneof({ arbitrary: fc.constantFrom(...pieces), weight: 5 }, anyText(4)), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));

/** Where the sinks put event text, in their Markdown. */
const places: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `### 🔴 [prod] ${text}`,
  (text) => `> ${text}`,
  (text) => `- **When**: ${text}`,
  (text) => `**${text}**`,
  (text) => `${text}\n\n[Logs](https://grafana.example.com/x)`,
  (text) => `[${text}](https://grafana.example.com/x)`,
];

describe('escaping for Markdown', () => {
  it('lets no text become a link, an image, a tag, a table or code, wherever it stands', () => {
    fc.assert(
      fc.property(markup, fc.constantFrom(...places), (text, place) => {
        const source = place(escapeMarkdown(text));
        const kinds = markdownKinds(source);
        for (const kind of ['image', 'html', 'code', 'codespan', 'table', 'del', 'def'])
          expect(kinds).not.toContain(kind);
        expect(markdownTargets(source).filter((target) => target !== 'https://grafana.example.com/x')).toEqual([]);
      }),
      { numRuns: 700 },
    );
  });

  it('lets no text become a heading, a list or a quote of its own', () => {
    fc.assert(
      fc.property(markup, (text) => {
        const kinds = markdownKinds(escapeMarkdown(text));
        for (const kind of ['heading', 'list', 'blockquote', 'hr']) expect(kinds).not.toContain(kind);
      }),
      { numRuns: 700 },
    );
  });

  it('stays on one line and leaves no bracket, at sign or emphasis that is live', () => {
    fc.assert(
      fc.property(markup, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\n\r\u2028\u2029<`*\\]|\]\(|@(?!\u200B|sha\d{3}:)|:\/\//);
      }),
    );
  });

  it.each([
    ['Back-off restarting failed container api', 'Back-off restarting failed container api'],
    ['secret "DB_PASSWORD" not found', 'secret "DB_PASSWORD" not found'],
    ['nginx@sha256:0d17b565', 'nginx@sha256:0d17b565'],
    ['0/3 nodes are available: 1 Insufficient cpu.', '0/3 nodes are available: 1 Insufficient cpu.'],
    ['Readiness probe failed:\n  HTTP 503', 'Readiness probe failed: HTTP 503'],
  ])('leaves %j readable and easy to copy', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });

  it('ends inline code only where the command ends', () => {
    fc.assert(
      fc.property(markup, (text) => {
        expect(inlineCode(text).slice(1, -1)).not.toMatch(/[`<\n]|@(?!\u200B)/);
      }),
    );
  });
});

describe('escaping for plain text', () => {
  it('leaves nothing that WeCom or DingTalk read as a mention, a tag or a link', () => {
    fc.assert(
      fc.property(markup, (text) => {
        expect(escapeText(text)).not.toMatch(/[<\n]|@(?!\u200B|sha\d{3}:)|:\/\/|www\.|&(?=#?\w)/i);
      }),
    );
  });
});
