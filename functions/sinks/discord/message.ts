import type { Card, Part } from '../../core/chat/card.ts';
import { markdownLink, type Dialect } from '../../core/chat/dialect.ts';
import { copyable, escapeMarkdown } from '../../core/chat/escape.ts';
import { laidOut } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import { bodyText } from '../../core/chat/text.ts';
import { words } from '../../core/chat/words.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Severity } from '../../core/contract/severity.ts';
import { cutText } from '../../core/kit/text.ts';

export interface DiscordOptions extends ChatOptions {
  readonly mentions: readonly string[];
}

/** A message of a webhook, as Discord's documentation names its fields. */
export interface DiscordMessage {
  readonly content?: string;
  readonly embeds: readonly [Embed];
  readonly allowed_mentions: {
    readonly parse: readonly 'everyone'[];
    readonly users?: readonly string[];
    readonly roles?: readonly string[];
  };
  /** 4096 lets it come without a notification. */
  readonly flags?: number;
}

export interface Embed {
  readonly title: string;
  readonly color: number;
  readonly description?: string;
  readonly fields?: readonly Field[];
  readonly footer?: { readonly text: string };
}

interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline: true;
}

/** What Discord takes, in characters, which are UTF-16 units. The last is of all texts of an embed together. */
export const LIMITS = { title: 256, description: 4096, fields: 25, value: 1024, footer: 2048, all: 6000 } as const;

const COLORS: Readonly<Record<Severity, number>> = { critical: 0xd93025, warning: 0xf29900, info: 0x1a73e8 };
const SUPPRESS_NOTIFICATIONS = 4096;

/** One message for a batch of events. Pure. */
export function discordMessage(events: readonly ClusterEvent[], options: DiscordOptions): DiscordMessage {
  const lay = (card: Card): DiscordMessage => ({
    ...mentioning(card.severity === 'critical' ? options.mentions : []),
    embeds: [embedOf(card, options)],
    ...(card.severity === 'info' && { flags: SUPPRESS_NOTIFICATIONS }),
  });
  return laidOut(events, options, { lay, size: sizeOf, max: LIMITS.all });
}

/** Characters of all texts. A description beyond its own limit counts as beyond this one. */
function sizeOf({ embeds: [embed] }: DiscordMessage): number {
  const { title, description = '', fields = [], footer } = embed;
  if (description.length > LIMITS.description) return LIMITS.all + description.length;
  const inFields = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  return title.length + description.length + inFields + (footer?.text.length ?? 0);
}

function embedOf({ title, severity, body }: Card, options: ChatOptions): Embed {
  const isBeside = ({ kind }: Part): boolean => ['facts', 'labels', 'id'].includes(kind);
  const description = bodyText(
    body.filter((part) => !isBeside(part)),
    // What is too long for a description is told by its size.
    { dialect: dialectOf(options), max: LIMITS.description, unit: 'utf16' },
  );
  const fields = body.flatMap((part) => (part.kind === 'facts' ? part.facts : []));
  const footer = body.flatMap((part) => {
    if (part.kind === 'labels') return part.lines;
    return part.kind === 'id' ? [part.text] : [];
  });
  return {
    title: cut(title, LIMITS.title, escapeMarkdown),
    color: COLORS[severity],
    ...(description !== '' && { description }),
    ...(fields.length > 0 && {
      fields: fields.map(({ label, value }) => ({
        name: label,
        value: cut(value, LIMITS.value, escapeMarkdown),
        inline: true,
      })),
    }),
    ...(footer.length > 0 && { footer: { text: cut(footer.join(' · '), LIMITS.footer, escapeMarkdown) } }),
  };
}

function cut(text: string, max: number, escape: (text: string) => string): string {
  return cutText(text, max, { unit: 'utf16', escape });
}

function dialectOf({ language }: ChatOptions): Dialect {
  const { colon } = words[language];
  return {
    escape: escapeMarkdown,
    heading: (text) => `**${text}**`,
    subheading: (text) => `**${text}**`,
    quote: (text) => `> ${text}`,
    fact: (label, value) => `**${label}**${colon}${value}`,
    command: (command) => `\`\`\`sh\n${copyable(command)}\n\`\`\``,
    links: (links) => links.map(({ title, url }) => markdownLink(escapeMarkdown(title), url)).join(' · '),
    note: (text) => text,
    gap: '\n',
    itemGap: '\n\n',
    newline: '\n',
  };
}

/** Only here, and only who is named: nothing else in a message mentions anybody. */
function mentioning(mentions: readonly string[]): Pick<DiscordMessage, 'content' | 'allowed_mentions'> {
  if (mentions.length === 0) return { allowed_mentions: { parse: [] } };
  const everyone = mentions.filter((id) => id === 'here' || id === 'everyone');
  const roles = mentions.filter((id) => id.startsWith('&')).map((id) => id.slice(1));
  const users = mentions.filter((id) => /^\d/.test(id));
  return {
    content: [
      ...everyone.map((name) => `@${name}`),
      ...roles.map((id) => `<@&${id}>`),
      ...users.map((id) => `<@${id}>`),
    ].join(' '),
    allowed_mentions: {
      parse: everyone.length > 0 ? ['everyone'] : [],
      ...(users.length > 0 && { users }),
      ...(roles.length > 0 && { roles }),
    },
  };
}
