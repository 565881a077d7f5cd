import type { Card } from '../../core/chat/card.ts';
import { markdownLink, type Dialect } from '../../core/chat/dialect.ts';
import { escapeMarkdown, inlineCode } from '../../core/chat/escape.ts';
import type { Layout } from '../../core/chat/fit.ts';
import type { Language } from '../../core/chat/options.ts';
import { textOf } from '../../core/chat/text.ts';
import { words } from '../../core/chat/words.ts';
import { cutText } from '../../core/kit/text.ts';
import { colors } from './blocks.ts';

/** A message for servers that take Slack's webhooks, but not its blocks: Mattermost, Rocket.Chat. */
export interface AttachmentMessage {
  /** Mentions, and nothing else. */
  readonly text?: string;
  readonly attachments: readonly [
    {
      readonly fallback: string;
      readonly color: string;
      readonly title: string;
      readonly text: string;
      readonly fields: readonly { readonly title: string; readonly value: string; readonly short: true }[];
    },
  ];
}

/** Rocket.Chat takes 5,000 characters, Mattermost 16,383 and shows the first lines of so long a text. */
export const MAX_TEXT_CHARACTERS = 4000;
const TITLE_CHARACTERS = 250;
const VALUE_CHARACTERS = 500;

/** How such a server writes a card. `mentions` is markup of ours, for critical messages. */
export function attachmentLayout(language: Language, mentions: string): Layout<AttachmentMessage> {
  const dialect = dialectOf(language);
  return {
    lay: (card) => attachmentMessage(card, dialect, mentions),
    size: ({ attachments: [{ text, fields }] }) =>
      fields.reduce((sum, { title, value }) => sum + title.length + value.length, text.length),
    max: MAX_TEXT_CHARACTERS,
  };
}

function attachmentMessage(card: Card, dialect: Dialect, mentions: string): AttachmentMessage {
  const { severity } = card;
  const title = cut(card.title, TITLE_CHARACTERS);
  const facts = card.body.flatMap((part) => (part.kind === 'facts' ? part.facts : []));
  const rest = { ...card, title: '', body: card.body.filter(({ kind }) => kind !== 'facts') };
  const layout = { dialect, max: MAX_TEXT_CHARACTERS, unit: 'utf16' } as const;
  return {
    ...(severity === 'critical' && mentions !== '' && { text: mentions }),
    attachments: [
      {
        fallback: title,
        color: colors[severity],
        title,
        text: textOf(rest, layout).trim(),
        fields: facts.map(({ label, value }) => ({
          title: label,
          value: cut(value, VALUE_CHARACTERS),
          short: true,
        })),
      },
    ],
  };
}

function dialectOf(language: Language): Dialect {
  const { colon } = words[language];
  return {
    escape: escapeMarkdown,
    // The title has a field of its own.
    heading: (text) => text,
    subheading: (text) => `**${text}**`,
    quote: (text) => `> ${text}`,
    fact: (label, value) => `**${label}**${colon}${value}`,
    command: inlineCode,
    links: (links) => links.map(({ title, url }) => markdownLink(escapeMarkdown(title), url)).join(' · '),
    note: (text) => text,
    gap: '\n\n',
    itemGap: '\n\n',
    newline: '\n',
  };
}

function cut(text: string, max: number): string {
  return cutText(text, max, { unit: 'utf16', escape: escapeMarkdown });
}
