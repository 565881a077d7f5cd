import type { Block, Span } from './blocks.ts';
import { decodeEntities, inlineReader, linked, marked, type Rule } from './inline.ts';

/** What DingTalk, WeCom, Feishu, Discord, Teams and Mattermost have in common, as far as our messages use it. */
const RULES: readonly Rule[] = [
  // In the middle of a line, a fence is as good as a code span.
  { pattern: '```(?:\\w*\\n)?(.*?)```', read: ([code = '']) => [{ text: code.trim(), marks: ['code'] }] },
  { pattern: '`([^`\\n]+)`', read: ([code = '']) => [{ text: code, marks: ['code'] }] },
  {
    pattern: '\\[([^\\]\\n]*)\\]\\((\\S+?)\\)',
    read: ([title = '', url = ''], inner) => linked(title === '' ? [{ text: url }] : inner(title), url),
  },
  { pattern: '<(@[&!]?[^>\\s]+)>', read: ([name = '']) => [{ text: name, marks: ['mention'] }] },
  {
    pattern: '<at(?: id=([^>]*))?>(.*?)</at>',
    read: ([id = '', name = '']) => [{ text: `@${name || id}`, marks: ['mention'] }],
  },
  { pattern: '<font color=[^>]*>(.*?)</font>', read: ([text = ''], inner) => inner(text) },
  { pattern: '\\*\\*(.+?)\\*\\*', read: ([text = ''], inner) => marked(inner(text), 'bold') },
  { pattern: '~~(.+?)~~', read: ([text = ''], inner) => marked(inner(text), 'strike') },
];

export const markdownSpans: (text: string) => readonly Span[] = inlineReader(RULES, decodeEntities);

/** Markdown as blocks: headings, quotes, fenced code and paragraphs, in which lines stay lines. */
export function markdownBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    const text = lines.join('\n').trim();
    if (text !== '') blocks.push({ kind: 'text', spans: markdownSpans(text) });
    lines = [];
  };
  // A fence that opens within a line begins a block all the same.
  const all = markdown.replaceAll(/([^\n`])```(?=\w*\n)/g, '$1\n```').split('\n');
  for (let index = 0; index < all.length; index += 1) {
    const line = (all[index] ?? '').trimEnd();
    const heading = /^#{1,6} (.*)$/.exec(line);
    const quote = /^> ?(.*)$/.exec(line);
    if (/^```\w*$/.test(line)) {
      const end = all.findIndex((each, at) => at > index && each.trim() === '```');
      flush();
      blocks.push({ kind: 'code', text: all.slice(index + 1, end === -1 ? undefined : end).join('\n') });
      if (end === -1) break;
      index = end;
    } else if (heading) {
      flush();
      blocks.push({ kind: 'title', spans: markdownSpans(heading[1] ?? '') });
    } else if (quote) {
      flush();
      blocks.push({ kind: 'quote', spans: markdownSpans(quote[1] ?? '') });
    } else if (line === '') flush();
    else lines.push(line.replace(/^[-*] /, '• '));
  }
  flush();
  return blocks;
}
