import { cutText, sizeOf, type TextUnit } from '../kit/text.ts';
import type { Card, Item, Line, Part } from './card.ts';
import type { Dialect } from './dialect.ts';

/** How a chat takes a card as one text. `max` is counted in its unit, after escaping. */
export interface TextLayout {
  readonly dialect: Dialect;
  readonly max: number;
  readonly unit: TextUnit;
  /** Where a card's links go: into the text, or into buttons that the sink makes of `ChatMessage.links`. @default 'text' */
  readonly links?: 'text' | 'buttons';
}

const HEADING_ROOM = 480;

/** A card as one text. Pure. */
export function textOf({ title, severity, body }: Card, layout: TextLayout): string {
  const { dialect, max, links } = layout;
  const heading = within(Math.min(max, HEADING_ROOM), title, (text) => dialect.heading(text, severity), layout);
  const shown = links === 'buttons' ? body.filter(({ kind }) => kind !== 'links') : body;
  return [heading, ...(shown.length > 0 ? [bodyText(shown, layout)] : [])].join(gapOf(body, layout));
}

/** Parts of a card as one text, without its title. Pure. */
export function bodyText(body: readonly Part[], layout: TextLayout): string {
  return body.map((part) => partText(part, layout.max, layout)).join(gapOf(body, layout));
}

function gapOf(body: readonly Part[], { dialect }: TextLayout): string {
  return body.some(({ kind }) => kind === 'item' || kind === 'list') ? dialect.itemGap : dialect.gap;
}

/** A part with its markup; of a quote as much as has room. */
function partText(part: Part, room: number, layout: TextLayout): string {
  const { dialect } = layout;
  const { escape, newline } = dialect;
  switch (part.kind) {
    case 'quote':
      return within(room, part.text, dialect.quote, layout);
    case 'facts':
      return part.facts.map(({ label, value }) => dialect.fact(label, escape(value))).join(newline);
    case 'hint':
      // Ours, and without markup.
      return `💡 ${part.text}`;
    case 'commands':
      return part.commands.map(dialect.command).join(newline);
    case 'all':
      return dialect.fact(part.label, dialect.command(part.command));
    case 'links':
      return dialect.links(part.links);
    case 'labels':
      return part.lines.map(escape).join(newline);
    case 'tally':
    case 'more':
      return escape(part.text);
    case 'id':
      return dialect.note(escape(part.text));
    case 'item':
      return itemText(part, layout);
    case 'list':
      return [part.when, ...part.lines.map((line) => lineText(line, layout))].filter(Boolean).join(newline);
  }
}

function itemText({ title, severity, body }: Item, layout: TextLayout): string {
  const parts = body.map((part) => partText(part, layout.max / 4, layout));
  return [subheading(title, severity, layout), ...parts].join(layout.dialect.gap).trimEnd();
}

function lineText({ title, severity, message, room }: Line, layout: TextLayout): string {
  const shown = cutText(message, room, { unit: layout.unit, escape: layout.dialect.escape });
  return [subheading(title, severity, layout), shown].filter(Boolean).join(' · ');
}

function subheading(title: string, severity: Card['severity'], { dialect, unit }: TextLayout): string {
  return dialect.subheading(cutText(title, HEADING_ROOM, { unit, escape: dialect.escape }), severity);
}

/** Escaped text with markup around it, within some room. */
export function within(
  room: number,
  text: string,
  markUp: (escapedText: string) => string,
  { dialect, unit }: TextLayout,
): string {
  const left = room - sizeOf(markUp(''), unit);
  return left > 0 ? markUp(cutText(text, left, { unit, escape: dialect.escape })) : '';
}
