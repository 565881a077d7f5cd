import { escapeHtml, unlinked } from '../../core/chat/escape.ts';
import type { Dialect } from '../../core/chat/dialect.ts';
import { chatMessage } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import type { Link } from '../../core/chat/view.ts';
import { words } from '../../core/chat/words.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { plainLine, sizeOf } from '../../core/kit/text.ts';

export interface TelegramOptions extends ChatOptions {
  readonly mentions: readonly string[];
}

export interface TelegramMessage {
  /** In the HTML of the Bot API. */
  readonly text: string;
  readonly links: readonly Link[];
  /** Comes without a sound. */
  readonly isQuiet: boolean;
}

/** The Bot API takes 4096 UTF-16 units once the HTML is parsed; tags and entities are counted here as well, so that it is less. */
export const MAX_UNITS = 4096;

/** One message for a batch of events. Pure. */
export function telegramMessage(events: readonly ClusterEvent[], options: TelegramOptions): TelegramMessage {
  const mentions = options.mentions.map((name) => `@${name}`).join(' ');
  const { text, severity, links } = chatMessage(events, options, {
    dialect: dialectOf(options),
    max: MAX_UNITS - sizeOf(`\n${mentions}`, 'utf16'),
    unit: 'utf16',
    links: 'buttons',
  });
  const isMentioning = mentions !== '' && severity === 'critical';
  return {
    text: isMentioning ? `${text}\n${mentions}` : text,
    links: links.filter(isTaken),
    isQuiet: severity === 'info',
  };
}

/** For another host than one with a dot, Telegram refuses the whole message ("Wrong HTTP URL"). */
function isTaken({ url }: Link): boolean {
  return new URL(url).hostname.includes('.');
}

function dialectOf({ language }: ChatOptions): Dialect {
  const { colon } = words[language];
  return {
    escape: (text) => escapeHtml(inert(text)),
    heading: (text) => `<b>${text}</b>`,
    subheading: (text) => `<b>${text}</b>`,
    quote: (text) => `<blockquote>${text}</blockquote>`,
    fact: (label, value) => `<b>${label}</b>${colon}${value}`,
    // A touch copies it, and clients make no links in it.
    command: (command) => `<code>${escapeHtml(plainLine(command))}</code>`,
    links: (links) =>
      links.map(({ title, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(inert(title))}</a>`).join(' · '),
    note: (text) => `<i>${text}</i>`,
    gap: '\n',
    itemGap: '\n\n',
    newline: '\n',
  };
}

const GAP = '\u200B';

/** `203.0.113.` of `203.0.113.9/login`. A range such as `10.0.0.0/16` is no page, and worth copying. */
const ADDRESS_OF_A_PAGE =
  /(?<![\w./])((?:\d{1,3}\.){3})(?=\d{1,3}(?::\d+)?(?:\/|[?#]\w))(?!\d{1,3}\/\d{1,2}[.,;:)\]"']*(?:\s|$))/g;

/**
 * A text in which clients find no name (`@name`), command (`/start`), tag (`#a`, `$USD`), address of a page or of mail, and no domain:
 * a zero-width space takes them apart. Addresses of the network and long numbers stay whole, because they are worth copying, although
 * clients make a link of the former, and of some of the latter take them for bank cards (TDLib's MessageEntity).
 */
function inert(text: string): string {
  return unlinked(plainLine(text))
    .replace(/@/g, `@${GAP}`)
    .replace(/(?<!\w)([/#$])(?=[\p{L}\p{N}_])/gu, `$1${GAP}`)
    .replace(/\.(?=\p{L}{2,})/gu, `.${GAP}`)
    .replace(ADDRESS_OF_A_PAGE, `$1${GAP}`);
}
