import type { Card, Line, Part } from '../../core/chat/card.ts';
import { markdownLink } from '../../core/chat/dialect.ts';
import { escapeMarkdown, escapeText } from '../../core/chat/escape.ts';
import type { Layout } from '../../core/chat/fit.ts';
import type { Link } from '../../core/chat/view.ts';
import { toJson } from '../../core/kit/json.ts';
import { cutText } from '../../core/kit/text.ts';

/** A member of the team, as critical messages mention one. */
export interface Mention {
  /** The user principal name or the Entra object id. */
  readonly id: string;
  /** What is shown. */
  readonly name: string;
}

/** An Adaptive Card, as far as it is used here: https://adaptivecards.io/explorer/ */
export interface AdaptiveCard {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly type: 'AdaptiveCard';
  readonly version: '1.4';
  readonly fallbackText: string;
  readonly body: readonly Element[];
  readonly msteams: { readonly width: 'Full'; readonly entities?: readonly MentionEntity[] };
}

/** Without one for it, `<at>` in a text is a text. */
interface MentionEntity {
  readonly type: 'mention';
  readonly text: string;
  readonly mentioned: Mention;
}

export type Element = TextBlock | Container | FactSet | ActionSet;

interface TextBlock extends Style {
  readonly type: 'TextBlock';
  /** Markdown, of which Teams knows emphasis, lists and links. */
  readonly text: string;
  readonly wrap: true;
}

interface Style {
  readonly size?: 'Small' | 'Medium';
  readonly weight?: 'Bolder';
  readonly isSubtle?: true;
  readonly fontType?: 'Monospace';
  readonly spacing?: 'Small';
}

interface Container {
  readonly type: 'Container';
  readonly style?: 'attention' | 'warning' | 'accent' | 'emphasis';
  readonly bleed?: true;
  readonly separator?: true;
  readonly items: readonly (TextBlock | FactSet)[];
}

interface FactSet {
  readonly type: 'FactSet';
  readonly facts: readonly { readonly title: string; readonly value: string }[];
}

interface ActionSet {
  readonly type: 'ActionSet';
  readonly actions: readonly { readonly type: 'Action.OpenUrl'; readonly title: string; readonly url: string }[];
}

/**
 * Teams takes 28 KB of a message as it stores it, which is with the card as a text inside of JSON; what is larger, it accepts and then
 * loses. A body of 24,453 bytes was refused as one of 28,897, and others found 21,000 to be the most.
 * See https://github.com/MicrosoftDocs/msteams-docs/issues/11274
 */
export const MAX_CARD_BYTES = 18_000;
/** Of a card without many quotes and backslashes, encoded once, to encoded twice. */
const ONCE_TO_TWICE = 0.9;

const TITLE_CHARACTERS = 300;
const QUOTE_CHARACTERS = 3000;
const ITEM_QUOTE_CHARACTERS = 500;
const VALUE_CHARACTERS = 500;

const styles = { critical: 'attention', warning: 'warning', info: 'accent' } as const;

/** How Teams shows a card. */
export function cardLayout(mentions: readonly Mention[]): Layout<AdaptiveCard> {
  return {
    lay: (card) => adaptiveCard(card, card.severity === 'critical' ? mentions : []),
    size: (card) => {
      const json = toJson(card);
      return Math.max(Buffer.byteLength(json), ONCE_TO_TWICE * Buffer.byteLength(JSON.stringify(json)));
    },
    max: MAX_CARD_BYTES,
  };
}

function adaptiveCard({ title, severity, body }: Card, mentions: readonly Mention[]): AdaptiveCard {
  const entities = mentions.map(
    (mentioned) => ({ type: 'mention', text: `<at>${mentioned.name}</at>`, mentioned }) as const,
  );
  const heading = textBlock(cut(title, TITLE_CHARACTERS), { weight: 'Bolder', size: 'Medium' });
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: cutText(title, TITLE_CHARACTERS, { unit: 'utf16', escape: escapeText }),
    body: [
      { type: 'Container', style: styles[severity], bleed: true, items: [heading] },
      ...(entities.length > 0 ? [textBlock(entities.map(({ text }) => text).join(' '))] : []),
      ...body.flatMap(elementsOf),
    ],
    msteams: { width: 'Full', ...(entities.length > 0 && { entities }) },
  };
}

function elementsOf(part: Part): readonly Element[] {
  switch (part.kind) {
    case 'quote':
      return [{ type: 'Container', style: 'emphasis', items: [textBlock(cut(part.text, QUOTE_CHARACTERS))] }];
    case 'links':
      return [{ type: 'ActionSet', actions: part.links.map(actionOf) }];
    case 'item':
      return [
        {
          type: 'Container',
          separator: true,
          items: [textBlock(cut(part.title, TITLE_CHARACTERS), { weight: 'Bolder' }), ...part.body.flatMap(insideItem)],
        },
      ];
    case 'list':
      return [...(part.when === '' ? [] : [subtle(part.when)]), ...part.lines.map(lineOf)];
    default:
      return insideItem(part);
  }
}

/** What looks alike in a card and in an event of a digest, and the lesser forms of what does not. */
function insideItem(part: Part): readonly (TextBlock | FactSet)[] {
  switch (part.kind) {
    case 'quote':
      return [textBlock(cut(part.text, ITEM_QUOTE_CHARACTERS))];
    case 'facts':
      return [
        {
          type: 'FactSet',
          facts: part.facts.map(({ label, value }) => ({ title: label, value: cut(value, VALUE_CHARACTERS) })),
        },
      ];
    case 'hint':
      return [textBlock(`💡 ${part.text}`)];
    case 'commands':
      return part.commands.map(command);
    case 'all':
      return [textBlock(part.label, { weight: 'Bolder' }), command(part.command)];
    case 'links':
      return [textBlock(part.links.map(({ title, url }) => markdownLink(escape(title), url)).join(' · '))];
    case 'labels':
      return [textBlock(part.lines.map(escape).join('\n\n'), { size: 'Small' })];
    case 'tally':
    case 'more':
      return [textBlock(escape(part.text))];
    case 'id':
      return [subtle(part.text)];
    case 'item':
    case 'list':
      return [];
  }
}

function lineOf({ title, message, room }: Line): TextBlock {
  const shown = cut(message, room);
  const text = `**${cut(title, TITLE_CHARACTERS)}**${shown === '' ? '' : ` · ${shown}`}`;
  return textBlock(text, { spacing: 'Small' });
}

function actionOf({ title, url }: Link): ActionSet['actions'][number] {
  return { type: 'Action.OpenUrl', title: title || url, url };
}

/** One for each command, so that each can be copied by itself. */
function command(text: string): TextBlock {
  return textBlock(escape(text), { fontType: 'Monospace', spacing: 'Small' });
}

function subtle(text: string): TextBlock {
  return textBlock(escape(text), { size: 'Small', isSubtle: true });
}

function textBlock(text: string, style: Style = {}): TextBlock {
  return { type: 'TextBlock', text, wrap: true, ...style };
}

/** Event text for Markdown, which also cannot become one of a card's own macros, such as `{{DATE(...)}}`. */
function escape(text: string): string {
  return escapeMarkdown(text).replaceAll('{{', '{\u200B{');
}

function cut(text: string, max: number): string {
  return cutText(text, max, { unit: 'utf16', escape });
}
