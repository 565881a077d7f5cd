import type { Card, Item, Line, Part } from '../../core/chat/card.ts';
import { escapeMarkdown, escapeTags, escapeText, unlinked } from '../../core/chat/escape.ts';
import { laidOut } from '../../core/chat/message.ts';
import type { ChatOptions } from '../../core/chat/options.ts';
import { threadOf } from '../../core/chat/thread.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { cutBytes, cutText, plainLine } from '../../core/kit/text.ts';
import { toJson } from '../../core/kit/json.ts';

export interface GoogleChatOptions extends ChatOptions {
  readonly threads: boolean;
  readonly mentions: readonly string[];
}

/** A message, as the Google Chat API names its fields. */
export interface GoogleChatMessage {
  /** Only here mentions work: there is none without. */
  readonly text?: string;
  /** In notifications, and where cards are not shown. */
  readonly fallbackText: string;
  readonly cardsV2: readonly [
    {
      readonly cardId: string;
      readonly card: { readonly header: Header; readonly sections: readonly Section[] };
    },
  ];
  readonly thread?: { readonly threadKey: string };
}

/** Each is one line, which ends where the screen does. */
interface Header {
  readonly title: string;
  readonly subtitle?: string;
}

export interface Section {
  readonly widgets: readonly Widget[];
}

export type Widget =
  | { readonly textParagraph: { readonly text: string; readonly maxLines?: number } }
  | { readonly decoratedText: { readonly topLabel: string; readonly text: string; readonly wrapText: true } }
  | { readonly buttonList: { readonly buttons: readonly Button[] } };

interface Button {
  readonly text: string;
  readonly onClick: { readonly openLink: { readonly url: string } };
}

/** Google Chat takes 32,000 bytes, of text and cards together. */
export const MAX_BYTES = 31_000;
/** Of a card. Not documented; what more there is, some clients leave out. */
export const MAX_WIDGETS = 100;
export const MAX_TITLE_BYTES = 400;

const MAX_ITEM_QUOTE_BYTES = 1000;
/** A long message is folded. */
const QUOTE_LINES = 8;

/** One message for a batch of events. Pure. */
export function googleChatMessage(events: readonly ClusterEvent[], options: GoogleChatOptions): GoogleChatMessage {
  const thread = options.threads ? threadOf(events) : undefined;
  const lay = (card: Card): GoogleChatMessage => {
    const title = cutText(card.title, MAX_TITLE_BYTES, { unit: 'utf8', escape: escapeText });
    const mentions = card.severity === 'critical' ? options.mentions.map((id) => `<users/${id}>`).join(' ') : '';
    return {
      ...(mentions !== '' && {
        text: `${mentions} ${cutText(card.title, MAX_TITLE_BYTES, { unit: 'utf8', escape: escapeMarkdown })}`,
      }),
      fallbackText: title,
      cardsV2: [{ cardId: 'event', card: { header: headerOf(title), sections: sectionsOf(card.body) } }],
      ...(thread !== undefined && { thread: { threadKey: fingerprint(thread, 32) } }),
    };
  };
  return laidOut(events, options, { lay, size: sizeOf, max: MAX_BYTES });
}

/** `🟠 [prod] BackOff`, and below it `Pod payments/api-7d9f`. */
function headerOf(whole: string): Header {
  const [title = '', ...rest] = whole.split(' · ');
  return rest.length > 0 ? { title, subtitle: rest.join(' · ') } : { title };
}

/** In bytes; a widget counts as the share of a card that it is. */
function sizeOf(message: GoogleChatMessage): number {
  const widgets = message.cardsV2[0].card.sections.reduce((sum, section) => sum + section.widgets.length, 0);
  return Math.max(Buffer.byteLength(toJson(message)), (widgets / MAX_WIDGETS) * MAX_BYTES);
}

/** Items and lists have a section each, which a line divides from the others. There is one at the least. */
function sectionsOf(body: readonly Part[]): readonly Section[] {
  const sections: Widget[][] = [[]];
  for (const part of body) {
    if (part.kind === 'item') sections.push(itemWidgets(part), []);
    else if (part.kind === 'list') sections.push([...listWidgets(part)], []);
    else sections.at(-1)?.push(...widgetsOf(part));
  }
  const filled = sections.filter((widgets) => widgets.length > 0).map((widgets) => ({ widgets }));
  return filled.length > 0 ? filled : [{ widgets: [paragraph('…')] }];
}

function widgetsOf(part: Exclude<Part, { readonly kind: 'item' | 'list' }>, quoteBytes = Infinity): readonly Widget[] {
  switch (part.kind) {
    case 'quote':
      return [{ textParagraph: { text: shown(part.text, quoteBytes), maxLines: QUOTE_LINES } }];
    case 'facts':
      return part.facts.map(({ label, value }) => ({
        decoratedText: { topLabel: label, text: shown(value), wrapText: true },
      }));
    case 'hint':
      return [paragraph(`💡 ${escapeTags(part.text)}`)];
    case 'commands':
      return [paragraph(part.commands.map((command) => escapeTags(plainLine(command))).join('<br>'))];
    case 'all':
      return [paragraph(`${grey(escapeTags(part.label))}<br>${escapeTags(part.command)}`)];
    case 'links':
      return [
        {
          buttonList: {
            buttons: part.links.map(({ title, url }) => ({ text: title, onClick: { openLink: { url } } })),
          },
        },
      ];
    case 'labels':
      return [paragraph(grey(part.lines.map((line) => escapeTags(plainLine(line))).join('<br>')))];
    case 'tally':
    case 'more':
      return [paragraph(shown(part.text))];
    case 'id':
      return [paragraph(grey(shown(part.text)))];
  }
}

function itemWidgets({ title, body }: Item): Widget[] {
  const parts = body.flatMap((part) =>
    part.kind === 'item' || part.kind === 'list' ? [] : widgetsOf(part, MAX_ITEM_QUOTE_BYTES),
  );
  return [paragraph(`<b>${shown(title, MAX_TITLE_BYTES)}</b>`), ...parts];
}

function listWidgets({ when, lines }: { readonly when: string; readonly lines: readonly Line[] }): readonly Widget[] {
  const texts = lines.map(({ title, message, room }) => {
    const said = shown(message, room);
    return `<b>${shown(title, MAX_TITLE_BYTES)}</b>${said === '' ? '' : ` · ${said}`}`;
  });
  return [paragraph([...(when === '' ? [] : [grey(escapeTags(when))]), ...texts].join('<br>'))];
}

function paragraph(text: string): Widget {
  return { textParagraph: { text } };
}

function grey(html: string): string {
  return `<font color="#5f6368">${html}</font>`;
}

/** What an event says: cut, then so that nothing makes a link of it, then escaped for the HTML of cards. */
function shown(text: string, bytes = Infinity): string {
  return escapeTags(unlinked(cutBytes(plainLine(text), bytes)));
}
