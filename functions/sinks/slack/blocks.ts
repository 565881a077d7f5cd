import type { Card, Part } from '../../core/chat/card.ts';
import type { Layout } from '../../core/chat/fit.ts';
import type { Language } from '../../core/chat/options.ts';
import type { Fact, Link } from '../../core/chat/view.ts';
import { words } from '../../core/chat/words.ts';
import { cutText, plainLine } from '../../core/kit/text.ts';
import { toJson } from '../../core/kit/json.ts';
import { escapeMrkdwn } from './mrkdwn.ts';

/** Block Kit, as far as it is used here: https://docs.slack.dev/reference/block-kit/blocks */
export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'rich_text'; readonly elements: readonly RichElement[] };

/** Shown as it is: `emoji: false` leaves `:fire:` a text. */
interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

/** `verbatim: true`: what looks like a URL, a channel or a name is no link. */
interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

/** Its texts are never read for markup. */
type RichElement =
  | { readonly type: 'rich_text_section'; readonly elements: readonly (RichText | RichLink)[] }
  | { readonly type: 'rich_text_quote' | 'rich_text_preformatted'; readonly elements: readonly RichText[] };

interface RichText {
  readonly type: 'text';
  readonly text: string;
  readonly style?: { readonly bold: true };
}

interface RichLink {
  readonly type: 'link';
  readonly url: string;
  readonly text: string;
}

export interface BlockMessage {
  /** For notifications; the blocks are shown in its place. */
  readonly text: string;
  /** Title and mentions. */
  readonly blocks: readonly Block[];
  /** The rest, behind a bar in the colour of the severity. */
  readonly attachments?: readonly [
    { readonly color: string; readonly fallback: string; readonly blocks: readonly Block[] },
  ];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

const HEADER_CHARACTERS = 150;
const FIELD_CHARACTERS = 2000;
/** Of a section, and the most here of anything whose limit Slack does not name. */
const TEXT_CHARACTERS = 3000;
const ITEM_QUOTE_CHARACTERS = 500;

/**
 * Slack refuses blocks beyond some 13,200 characters in all (`msg_blocks_too_long`), a limit that it neither documents nor counts by
 * the texts alone: 11,341 characters of text were refused. So all of the blocks' JSON is counted, in bytes.
 * See https://github.com/slackapi/bolt-js/issues/2509 and /2867.
 */
export const MAX_BLOCK_BYTES = 12_000;
export const MAX_BLOCKS = 50;

/** Also those of other chats: red, orange, blue. */
export const colors = { critical: '#D93025', warning: '#F29900', info: '#1A73E8' } as const;

/** How Slack writes a card. `mentions` is markup of ours, for critical messages. */
export function blockLayout(language: Language, mentions: string): Layout<BlockMessage> {
  return {
    lay: (card) => blockMessage(card, language, mentions),
    size: ({ blocks, attachments = [] }) => {
      const all = [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)];
      return all.length > MAX_BLOCKS ? Infinity : Buffer.byteLength(toJson(all));
    },
    max: MAX_BLOCK_BYTES,
  };
}

function blockMessage({ title, severity, body }: Card, language: Language, mentions: string): BlockMessage {
  const text = cut(title, TEXT_CHARACTERS, escapeMrkdwn);
  const header: Block = { type: 'header', text: plainText(title, HEADER_CHARACTERS) };
  const isMentioning = severity === 'critical' && mentions !== '';
  const rest = body.flatMap((part) => blocksOf(part, language));
  return {
    text,
    blocks: [header, ...(isMentioning ? [{ type: 'section', text: mrkdwn(mentions) } as const] : [])],
    ...(rest.length > 0 && { attachments: [{ color: colors[severity], fallback: text, blocks: rest }] as const }),
    unfurl_links: false,
    unfurl_media: false,
  };
}

function blocksOf(part: Part, language: Language): readonly Block[] {
  switch (part.kind) {
    case 'quote':
      return [rich([quote(part.text, TEXT_CHARACTERS)])];
    case 'facts':
      return [{ type: 'section', fields: part.facts.map(fieldOf) }];
    case 'hint':
      return [context(`💡 ${part.text}`)];
    case 'commands':
      return [rich(part.commands.map(command))];
    case 'all':
      return [rich([section([bold(part.label)]), command(part.command)])];
    case 'links':
      return [rich([section(linksOf(part.links))])];
    case 'labels':
      return [context(part.lines.join(' · '))];
    case 'tally':
    case 'more':
    case 'id':
      return [context(part.text)];
    case 'item':
      return [rich(joined([section([bold(part.title)]), ...part.body.flatMap((each) => elementsOf(each, language))]))];
    case 'list': {
      const lines = part.lines.map(({ title, message, room }) => lineOf(title, cut(message, room)));
      return [...(part.when === '' ? [] : [context(part.when)]), ...richRuns(lines)];
    }
  }
}

/** A part of an event of a digest, which is one block as a whole: there may be 50 in a message. */
function elementsOf(part: Part, language: Language): readonly RichElement[] {
  switch (part.kind) {
    case 'quote':
      return [quote(part.text, ITEM_QUOTE_CHARACTERS)];
    case 'facts': {
      const { colon } = words[language];
      const line = ({ label, value }: Fact, index: number) => [
        bold(`${index === 0 ? '' : '\n'}${label}${colon}`),
        plain(value),
      ];
      return [section(part.facts.flatMap(line))];
    }
    case 'hint':
      return [section([plain(`💡 ${part.text}`)])];
    case 'commands':
      return part.commands.map(command);
    case 'links':
      return [section(linksOf(part.links))];
    default:
      return [];
  }
}

/** Sections that follow each other as one, in lines: Slack may leave no space between two. */
function joined(elements: readonly RichElement[]): readonly RichElement[] {
  return elements.reduce<readonly RichElement[]>((done, next) => {
    const last = done.at(-1);
    if (last?.type !== 'rich_text_section' || next.type !== 'rich_text_section') return [...done, next];
    return [...done.slice(0, -1), section([...last.elements, plain('\n'), ...next.elements])];
  }, []);
}

/** Lines as few blocks, none of which is long. */
function richRuns(lines: readonly (readonly RichText[])[]): readonly Block[] {
  const runs: RichText[][] = [];
  let room = 0;
  for (const line of lines) {
    const length = line.reduce((sum, { text }) => sum + text.length, 0);
    if (room < length) {
      runs.push([]);
      room = TEXT_CHARACTERS;
    }
    runs.at(-1)?.push(...line);
    room -= length;
  }
  return runs.map((run) => rich([section(run)]));
}

function lineOf(title: string, message: string): readonly RichText[] {
  return message === '' ? [bold(`${title}\n`)] : [bold(title), plain(` · ${message}\n`)];
}

function rich(elements: readonly RichElement[]): Block {
  return { type: 'rich_text', elements };
}

function section(elements: readonly (RichText | RichLink)[]): RichElement {
  return { type: 'rich_text_section', elements };
}

function quote(text: string, max: number): RichElement {
  return { type: 'rich_text_quote', elements: [plain(cut(text, max))] };
}

/** One for each command, so that each can be copied by itself. */
function command(text: string): RichElement {
  return { type: 'rich_text_preformatted', elements: [plain(plainLine(text))] };
}

function plain(text: string): RichText {
  return { type: 'text', text };
}

function bold(text: string): RichText {
  return { type: 'text', text, style: { bold: true } };
}

/** Buttons would look better, but warn whoever presses one: Slack wants an app behind them that answers. */
function linksOf(links: readonly Link[]): readonly (RichText | RichLink)[] {
  return links.flatMap(({ title, url }, index) => [
    ...(index === 0 ? [] : [plain(' · ')]),
    { type: 'link', url, text: title || url } as const,
  ]);
}

function fieldOf({ label, value }: Fact): Mrkdwn {
  const name = `*${escapeMrkdwn(label)}*\n`;
  return mrkdwn(`${name}${cut(value, FIELD_CHARACTERS - name.length, escapeMrkdwn)}`);
}

function context(text: string): Block {
  return { type: 'context', elements: [plainText(text, TEXT_CHARACTERS)] };
}

function plainText(text: string, max: number): PlainText {
  return { type: 'plain_text', text: cut(text, max), emoji: false };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}

function cut(text: string, max: number, escape = plainLine): string {
  return cutText(text, max, { unit: 'utf16', escape });
}
