import { markdownLink, plainDialect, type Dialect } from '../../core/chat/dialect.ts';
import { escapeMarkdown, escapeText, inlineCode } from '../../core/chat/escape.ts';
import { chatMessage, type ChatMessage } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import type { Link } from '../../core/chat/view.ts';
import { words } from '../../core/chat/words.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';

/** The body of a custom robot's message, as DingTalk's documentation names its fields. */
export type DingTalkMessage =
  | { readonly msgtype: 'text'; readonly text: { readonly content: string }; readonly at?: Mentions }
  | { readonly msgtype: 'markdown'; readonly markdown: TitledText; readonly at?: Mentions }
  | { readonly msgtype: 'actionCard'; readonly actionCard: TitledText & Buttons };

interface TitledText {
  /** Shown in the notification and the list of chats, not in the message. */
  readonly title: string;
  readonly text: string;
}

interface Mentions {
  readonly atMobiles: readonly string[];
  readonly atUserIds: readonly string[];
  readonly isAtAll: boolean;
}

type Buttons =
  | { readonly singleTitle: string; readonly singleURL: string }
  | {
      readonly btnOrientation: '0' | '1';
      readonly btns: readonly { readonly title: string; readonly actionURL: string }[];
    };

export interface DingTalkOptions extends ChatOptions {
  readonly msgType: 'markdown' | 'text' | 'actionCard';
  readonly keywords: readonly string[];
  readonly atMobiles: readonly string[];
  readonly atUserIds: readonly string[];
  readonly atAll: boolean;
}

/** Clients cut messages beyond some 3,500 characters. In any script this is less than the 20,000 bytes that the robot takes. */
const MAX_TEXT_CHARACTERS = 3000;

/** Wrapped and encoded, longer ones could push the body over its limit of 20,000 bytes. */
const MAX_WRAPPED_URL_CHARACTERS = 1500;

function markdownDialect(options: ChatOptions): Dialect {
  const { colon } = words[options.language];
  return {
    escape: escapeMarkdown,
    heading: (text) => `### ${text}`,
    subheading: (text) => `**${text}**`,
    quote: (text) => `> ${text}`,
    fact: (label, value) => `- **${label}**${colon}${value}`,
    command: inlineCode,
    links: (links) => links.map(({ title, url }) => markdownLink(escapeMarkdown(title), url)).join(' · '),
    note: (text) => text,
    gap: '\n\n',
    itemGap: '\n\n',
    // Two spaces before the line's end make a line break in Markdown.
    newline: '  \n',
  };
}

/** One message for a batch of events. Pure. */
export function dingTalkMessage(events: readonly ClusterEvent[], options: DingTalkOptions): DingTalkMessage {
  const isText = options.msgType === 'text';
  const gap = isText ? '\n' : '\n\n';
  const mentioned = [...options.atMobiles, ...options.atUserIds].map((id) => `@${id}`).join(' ');
  // What may be appended below must fit too.
  const reserved = [mentioned, options.keywords[0] ?? ''].reduce((sum, text) => sum + gap.length + text.length, 0);
  const write = (links: 'text' | 'buttons') =>
    chatMessage(events, options, {
      dialect: isText ? plainDialect(options.language) : markdownDialect(options),
      max: MAX_TEXT_CHARACTERS - reserved,
      unit: 'utf16',
      links,
    });
  const card = options.msgType === 'actionCard' ? write('buttons') : undefined;
  // A card cannot mention anybody, and without links it would have no button.
  const isCard = card !== undefined && card.links.length > 0 && mentions(card, options) === undefined;
  const message = isCard ? card : write('text');
  const at = mentions(message, options);
  const body = at && mentioned !== '' ? `${message.text}${gap}${mentioned}` : message.text;
  const text = withKeyword(body, options.keywords, gap);
  if (isText) return { msgtype: 'text', text: { content: text }, ...(at && { at }) };
  const title = withKeyword(escapeText(message.title), options.keywords, ' ');
  if (isCard) {
    return { msgtype: 'actionCard', actionCard: { title, text, ...buttons(message.links) } };
  }
  return { msgtype: 'markdown', markdown: { title, text }, ...(at && { at }) };
}

function mentions(message: ChatMessage, options: DingTalkOptions): Mentions | undefined {
  const { atMobiles, atUserIds, atAll } = options;
  const isWanted = atAll || atMobiles.length > 0 || atUserIds.length > 0;
  return isWanted && message.severity === 'critical' ? { atMobiles, atUserIds, isAtAll: atAll } : undefined;
}

function withKeyword(text: string, keywords: readonly string[], gap: string): string {
  const [first] = keywords;
  return first === undefined || keywords.some((keyword) => text.includes(keyword)) ? text : `${text}${gap}${first}`;
}

function buttons(links: readonly Link[]): Buttons {
  const [only, second] = links;
  if (only && !second) return { singleTitle: only.title, singleURL: inBrowser(only.url) };
  return { btnOrientation: '0', btns: links.map(({ title, url }) => ({ title, actionURL: inBrowser(url) })) };
}

/** DingTalk on the desktop opens plain links of cards in a narrow side bar; this form opens the browser. */
function inBrowser(url: string): string {
  const wrapped = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(url)}&pc_slide=false`;
  return wrapped.length <= MAX_WRAPPED_URL_CHARACTERS ? wrapped : url;
}
