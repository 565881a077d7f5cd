import { markdownLink, plainDialect, type Dialect } from '../../core/chat/dialect.ts';
import { escapeMarkdown, inlineCode } from '../../core/chat/escape.ts';
import { chatMessage, type ChatMessage } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import { sizeOf } from '../../core/kit/text.ts';
import { words } from '../../core/chat/words.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';

export interface WeComOptions extends ChatOptions {
  readonly mode: 'app' | 'robot';
  readonly msgType?: 'text' | 'markdown' | undefined;
  readonly agentId?: number | undefined;
  readonly toUser: readonly string[];
  readonly mentionUsers: readonly string[];
}

/** What an application and a robot have in common, as WeCom's documentation names its fields. */
type Content =
  | {
      readonly msgtype: 'text';
      readonly text: { readonly content: string; readonly mentioned_list?: readonly string[] };
    }
  | { readonly msgtype: 'markdown'; readonly markdown: { readonly content: string } };

interface Addressed {
  readonly touser: string;
  readonly agentid: number | undefined;
  readonly safe: 0;
  readonly enable_duplicate_check: 1;
  readonly duplicate_check_interval: number;
}

export type WeComMessage = Content | (Content & Addressed);

/** Bytes of `content`; longer texts of applications are cut without a word, longer Markdown is refused. */
const maxBytes = { app: { text: 2048, markdown: 2048 }, robot: { text: 2048, markdown: 4096 } } as const;

/** Longer than all attempts to deliver a message take together, so that one repeated after a timeout appears once. */
const DUPLICATE_CHECK_SECONDS = 3600;

/** WeCom knows three colours: info is green, comment grey, warning orange. */
const titleColors = { critical: 'warning', warning: 'warning', info: 'info' } as const;

function markdownDialect(options: ChatOptions): Dialect {
  const { colon } = words[options.language];
  const grey = (text: string) => `<font color="comment">${text}</font>`;
  return {
    escape: escapeMarkdown,
    heading: (text, severity) => `**<font color="${titleColors[severity]}">${text}</font>**`,
    subheading: (text) => `**${text}**`,
    // The blank line ends the quote.
    quote: (text) => `> ${text}\n`,
    fact: (label, value) => `${grey(`${label}${colon}`)}${value}`,
    command: inlineCode,
    links: (links) => links.map(({ title, url }) => markdownLink(escapeMarkdown(title), url)).join(' · '),
    note: grey,
    gap: '\n',
    itemGap: '\n\n',
    newline: '\n',
  };
}

/** One message for a batch of events. Pure. */
export function weComMessage(events: readonly ClusterEvent[], options: WeComOptions): WeComMessage {
  const content = contentOf(events, options);
  if (options.mode === 'robot') return content;
  return {
    touser: options.toUser.join('|'),
    agentid: options.agentId,
    safe: 0,
    enable_duplicate_check: 1,
    duplicate_check_interval: DUPLICATE_CHECK_SECONDS,
    ...content,
  };
}

function contentOf(events: readonly ClusterEvent[], options: WeComOptions): Content {
  const { mode, mentionUsers, msgType = mode === 'app' ? 'text' : 'markdown' } = options;
  const max = maxBytes[mode][msgType];
  const isMentioning = (message: ChatMessage) =>
    mode === 'robot' && mentionUsers.length > 0 && message.severity === 'critical';
  if (msgType === 'text') {
    const message = chatMessage(events, options, {
      dialect: plainDialect(options.language),
      max,
      unit: 'utf8',
    });
    const mentions = isMentioning(message) ? { mentioned_list: mentionUsers } : {};
    return { msgtype: 'text', text: { content: message.text, ...mentions } };
  }
  const mentions = `\n${mentionUsers.map((id) => `<@${id}>`).join('')}`;
  const message = chatMessage(events, options, {
    dialect: markdownDialect(options),
    max: max - sizeOf(mentions, 'utf8'),
    unit: 'utf8',
  });
  return {
    msgtype: 'markdown',
    markdown: { content: isMentioning(message) ? `${message.text}${mentions}` : message.text },
  };
}
