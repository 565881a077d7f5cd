import type { Block, Message, Span } from './blocks.ts';
import { plain } from './blocks.ts';
import { decodeEntities, inlineReader, linked, marked, type Rule } from './inline.ts';
import { markdownBlocks, markdownSpans } from './markdown.ts';
import { at, listAt, textAt, toned } from './payload.ts';

const MRKDWN: readonly Rule[] = [
  { pattern: '`([^`\\n]+)`', read: ([code = '']) => [{ text: decodeEntities(code), marks: ['code'] }] },
  { pattern: '<([@!#][^>]*)>', read: ([name = '']) => [{ text: mentionText(name), marks: ['mention'] }] },
  {
    pattern: '<([^|>\\s]+)(?:\\|([^>]*))?>',
    read: ([url = '', title = '']) => linked(plain(decodeEntities(title || url)), decodeEntities(url)),
  },
  { pattern: '\\*([^*\\n]+)\\*', read: ([text = ''], inner) => marked(inner(text), 'bold') },
  { pattern: '~([^~\\n]+)~', read: ([text = ''], inner) => marked(inner(text), 'strike') },
];

const mrkdwn = inlineReader(MRKDWN, decodeEntities);

/** `<!here>` is @here, `<!subteam^S1>` a group, `<@U1>` a person. */
function mentionText(name: string): string {
  return `@${name.replace(/^[@!#](?:subteam\^)?/, '')}`;
}

/** Block Kit, and the attachments of servers that know no blocks. */
export function slackMessage(payload: unknown): Message {
  const [first] = listAt(payload, 'attachments');
  const isBlocks = listAt(payload, 'blocks').length > 0 || listAt(first, 'blocks').length > 0;
  const mentions = isBlocks ? undefined : textAt(payload, 'text');
  return {
    blocks: [
      ...(mentions === undefined ? [] : [{ kind: 'text', spans: markdownSpans(mentions) } as const]),
      ...listAt(payload, 'blocks').flatMap(blockOf),
      ...listAt(payload, 'attachments').map(attachmentOf),
    ],
  };
}

function attachmentOf(attachment: unknown): Block {
  const inside = listAt(attachment, 'blocks');
  const title = textAt(attachment, 'title');
  const text = textAt(attachment, 'text');
  const fields = listAt(attachment, 'fields');
  if (inside.length === 0 && title === undefined && text === undefined) return { kind: 'unknown', value: attachment };
  return {
    kind: 'section',
    ...toned(at(attachment, 'color')),
    blocks: [
      ...inside.flatMap(blockOf),
      ...(title === undefined ? [] : [{ kind: 'title', spans: markdownSpans(title) } as const]),
      ...(text === undefined ? [] : markdownBlocks(text)),
      ...(fields.length === 0 ? [] : [{ kind: 'fields', fields: fields.map(attachmentField) } as const]),
    ],
  };
}

function attachmentField(field: unknown) {
  return { label: markdownSpans(textAt(field, 'title') ?? ''), value: markdownSpans(textAt(field, 'value') ?? '') };
}

function blockOf(block: unknown): readonly Block[] {
  const type = at(block, 'type');
  if (type === 'header') return [{ kind: 'title', spans: textSpans(at(block, 'text')) }];
  if (type === 'context') return [{ kind: 'text', isQuiet: true, spans: listAt(block, 'elements').flatMap(textSpans) }];
  if (type === 'rich_text') return listAt(block, 'elements').map(richBlock);
  if (type !== 'section') return [{ kind: 'unknown', value: block }];
  const fields = listAt(block, 'fields');
  return [
    ...(at(block, 'text') === undefined ? [] : [{ kind: 'text', spans: textSpans(at(block, 'text')) } as const]),
    ...(fields.length === 0 ? [] : [{ kind: 'fields', fields: fields.map(sectionField) } as const]),
  ];
}

/** `*Owner*` and its value on the next line. */
function sectionField(field: unknown) {
  const [label = '', ...value] = (textAt(field, 'text') ?? '').split('\n');
  return { label: mrkdwn(label.replace(/^\*(.*)\*$/, '$1')), value: mrkdwn(value.join('\n')) };
}

function textSpans(text: unknown): readonly Span[] {
  const content = textAt(text, 'text') ?? '';
  return at(text, 'type') === 'mrkdwn' ? mrkdwn(content) : plain(content);
}

function richBlock(element: unknown): Block {
  const spans = listAt(element, 'elements').flatMap(richSpans);
  switch (at(element, 'type')) {
    case 'rich_text_section':
      return { kind: 'text', spans };
    case 'rich_text_quote':
      return { kind: 'quote', spans };
    case 'rich_text_preformatted':
      return { kind: 'code', text: spans.map(({ text }) => text).join('') };
    default:
      return { kind: 'unknown', value: element };
  }
}

function richSpans(element: unknown): readonly Span[] {
  const text = textAt(element, 'text') ?? textAt(element, 'url') ?? '';
  if (at(element, 'type') === 'link') return linked(plain(text), textAt(element, 'url') ?? '');
  return at(element, 'style', 'bold') === true ? marked(plain(text), 'bold') : plain(text);
}
