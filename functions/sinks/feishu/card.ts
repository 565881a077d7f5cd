import type { Card, Item, Part } from '../../core/chat/card.ts';
import { copyable } from '../../core/chat/escape.ts';
import type { Layout } from '../../core/chat/fit.ts';
import type { Language } from '../../core/chat/options.ts';
import type { Fact, Link } from '../../core/chat/view.ts';
import { words } from '../../core/chat/words.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { toJson } from '../../core/kit/json.ts';
import { cutBytes, cutText } from '../../core/kit/text.ts';
import { escapeCardMarkdown } from './escape.ts';

/** A card of JSON 2.0, as far as it is used here, as Feishu's open platform documentation names its fields. */
export interface FeishuMessage {
  readonly msg_type: 'interactive';
  readonly card: {
    readonly schema: '2.0';
    readonly config: { readonly update_multi: true };
    readonly header: { readonly title: PlainText; readonly template: string };
    readonly body: { readonly elements: readonly Element[] };
  };
}

export type Element = Markdown | ColumnSet;

interface Markdown {
  readonly tag: 'markdown';
  readonly content: string;
  readonly text_size?: 'notation';
}

interface PlainText {
  readonly tag: 'plain_text';
  readonly content: string;
}

interface ColumnSet {
  readonly tag: 'column_set';
  readonly flex_mode: 'flow';
  readonly columns: readonly { readonly tag: 'column'; readonly width: 'auto'; readonly elements: readonly [Button] }[];
}

interface Button {
  readonly tag: 'button';
  readonly text: PlainText;
  readonly behaviors: readonly [{ readonly type: 'open_url'; readonly default_url: string }];
}

/** What is added to a title, and who is mentioned where it is critical. */
export interface Additions {
  readonly language: Language;
  readonly keywords: readonly string[];
  readonly mentions: readonly string[];
}

/** Feishu takes a body of 20 KB. The rest is for the signature, and for what it may count besides. */
export const MAX_BODY_BYTES = 18_000;

const TITLE_BYTES = 240;
const SUBTITLE_BYTES = 480;
/** Of the events that a digest shows in full. */
const ITEM_QUOTE_BYTES = 1500;

const templates: Readonly<Record<Severity, string>> = { critical: 'red', warning: 'orange', info: 'blue' };

/** How Feishu shows a card. */
export function cardLayout(additions: Additions): Layout<FeishuMessage> {
  return {
    lay: (card) => feishuCard(card, additions),
    size: (message) => Buffer.byteLength(toJson(message)),
    max: MAX_BODY_BYTES,
  };
}

function feishuCard({ title, severity, body }: Card, { language, keywords, mentions }: Additions): FeishuMessage {
  const isMentioning = severity === 'critical' && mentions.length > 0;
  const elements = [
    ...(isMentioning ? [markdown(mentions.map((id) => `<at id=${id}></at>`).join(' '))] : []),
    ...body.map((part) => elementOf(part, language)),
  ];
  return {
    msg_type: 'interactive',
    card: {
      schema: '2.0',
      config: { update_multi: true },
      header: { title: plain(withKeyword(cutBytes(title, TITLE_BYTES), keywords)), template: templates[severity] },
      body: { elements },
    },
  };
}

/** Feishu looks for keywords in texts and titles. In a text they could be escaped, so the title has one. */
function withKeyword(title: string, keywords: readonly string[]): string {
  const [first] = keywords;
  return first === undefined || keywords.some((keyword) => title.includes(keyword)) ? title : `${title} ${first}`;
}

function elementOf(part: Part, language: Language): Element {
  switch (part.kind) {
    case 'links':
      return buttons(part.links);
    case 'labels':
      return note(part.lines.map(escapeCardMarkdown).join('\n'));
    case 'tally':
    case 'more':
    case 'id':
      return note(escapeCardMarkdown(part.text));
    case 'item':
      return markdown(itemText(part, language));
    case 'list': {
      const lines = part.lines.map(({ title, message, room }) =>
        [bold(title), cut(message, room)].filter(Boolean).join(' · '),
      );
      return markdown([part.when, ...lines].filter(Boolean).join('\n'));
    }
    default:
      return markdown(textOf(part, language, MAX_BODY_BYTES));
  }
}

function itemText({ title, body }: Item, language: Language): string {
  return [bold(title), ...body.map((part) => textOf(part, language, ITEM_QUOTE_BYTES))].filter(Boolean).join('\n');
}

function textOf(part: Part, language: Language, quoteBytes: number): string {
  const { colon } = words[language];
  switch (part.kind) {
    case 'quote':
      // The empty line ends the quote: without it the next line would belong to it.
      return `> ${cut(part.text, quoteBytes)}\n`;
    case 'facts':
      return part.facts.map(({ label, value }: Fact) => `**${label}**${colon}${escapeCardMarkdown(value)}`).join('\n');
    case 'hint':
      // Ours, and without markup.
      return `💡 ${part.text}`;
    case 'commands':
      return part.commands.map(fence).join('\n');
    case 'all':
      return `**${part.label}**\n${fence(part.command)}`;
    case 'links':
      return part.links.map(({ title, url }) => `[${escapeCardMarkdown(title)}](${targetOf(url)})`).join(' · ');
    default:
      return '';
  }
}

/** One for each command, so that each can be copied by itself. */
function fence(command: string): string {
  return `\`\`\`bash\n${copyable(command)}\n\`\`\``;
}

function targetOf(url: string): string {
  return url.replaceAll('(', '%28').replaceAll(')', '%29');
}

function buttons(links: readonly Link[]): ColumnSet {
  const columns = links.map(({ title, url }) => {
    const button: Button = {
      tag: 'button',
      text: plain(title || url),
      behaviors: [{ type: 'open_url', default_url: url }],
    };
    return { tag: 'column', width: 'auto', elements: [button] } as const;
  });
  return { tag: 'column_set', flex_mode: 'flow', columns };
}

function bold(title: string): string {
  return `**${cut(title, SUBTITLE_BYTES)}**`;
}

function cut(text: string, max: number): string {
  return cutText(text, max, { unit: 'utf8', escape: escapeCardMarkdown });
}

function markdown(content: string): Markdown {
  return { tag: 'markdown', content };
}

function note(content: string): Markdown {
  return { tag: 'markdown', content, text_size: 'notation' };
}

function plain(content: string): PlainText {
  return { tag: 'plain_text', content };
}
