import { cutText, sizeOf } from '../kit/text.ts';
import type { ClusterEvent } from '../contract/event.ts';
import type { Severity } from '../contract/severity.ts';
import type { Dialect } from './dialect.ts';
import type { Block, Limit } from './fit.ts';
import { listCommand } from './kubectl.ts';
import type { ChatOptions } from './options.ts';
import type { EventView } from './view.ts';
import { words } from './words.ts';

/** How a chat takes a message. `max` and all room in these parts is counted in its unit, after escaping. */
export interface Layout extends Limit {
  readonly dialect: Dialect;
  /** Where links go: into the text, or into buttons that the sink makes of `ChatMessage.links`. @default 'text' */
  readonly links?: 'text' | 'buttons';
}

const HEADING_ROOM = 480;
const LABELS_ROOM = 400;

/** A text escaped, cut to some room before that. */
export function escaped(text: string, room: number, { dialect, unit }: Layout): string {
  return cutText(text, room, { unit, escape: dialect.escape });
}

/** Escaped text with markup around it, within some room. */
export function within(room: number, text: string, markUp: (escapedText: string) => string, layout: Layout): string {
  const left = room - sizeOf(markUp(''), layout.unit);
  return left > 0 ? markUp(escaped(text, left, layout)) : '';
}

/** The paragraph that stays where all others have to go. */
export function headingBlock(title: string, severity: Severity, layout: Layout): Block {
  const markUp = (text: string) => layout.dialect.heading(text, severity);
  const shrink = (room: number) => within(Math.min(room, HEADING_ROOM), title, markUp, layout);
  return { rank: 0, text: shrink(Infinity), shrink };
}

/** The heading of one event in a digest. */
export function subheading(title: string, severity: Severity, layout: Layout): string {
  return layout.dialect.subheading(escaped(title, HEADING_ROOM, layout), severity);
}

/** An event's message as a quote within some room, empty where it says nothing. */
export function quoted(message: string, room: number, layout: Layout): string {
  return message === '' ? '' : within(room, message, layout.dialect.quote, layout);
}

export function factLines(view: EventView, dialect: Dialect): string {
  return view.facts.map(({ label, value }) => dialect.fact(label, dialect.escape(value))).join(dialect.newline);
}

export function hintLine(hint: string | undefined): string {
  return hint === undefined ? '' : `💡 ${hint}`;
}

export function commandLines(view: EventView, dialect: Dialect): string {
  return view.commands.map(dialect.command).join(dialect.newline);
}

/** How to list all of some events. */
export function allLine(events: readonly ClusterEvent[], { language }: ChatOptions, { dialect }: Layout): string {
  return dialect.fact(words[language].all, dialect.command(listCommand(events)));
}

export function linkLines(view: EventView, dialect: Dialect): string {
  return view.links.length === 0 ? '' : dialect.links(view.links);
}

/** Bounded, so that labels never crowd out the events they stand beside: the last that has room is cut, the others are left out. */
export function labelLines(labels: readonly string[], layout: Layout): string {
  const { dialect, unit } = layout;
  const lines: string[] = [];
  let room = LABELS_ROOM;
  for (const label of labels) {
    const line = escaped(label, room, layout);
    if (line === '') break;
    lines.push(line);
    room -= sizeOf(`${line}${dialect.newline}`, unit);
  }
  return lines.join(dialect.newline);
}
