import type { Dialect } from './dialect.ts';
import { cutBytes } from './text.ts';
import type { EventView } from './view.ts';

export interface Layout {
  readonly dialect: Dialect;
  /** Of UTF-8, for the whole text. */
  readonly maxBytes: number;
  /** Where links go: into the text, or into buttons that the sink makes of `ChatMessage.links`. @default 'text' */
  readonly links?: 'text' | 'buttons';
}

const HEADING_BYTES = 480;
const LABEL_BYTES = 400;

/** An escaped heading of bounded length. */
export function headingText(title: string, dialect: Dialect): string {
  return cutBytes(dialect.escape(title), HEADING_BYTES);
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

export function linkLines(view: EventView, dialect: Dialect): string {
  return view.links.length === 0 ? '' : dialect.links(view.links);
}

/** Bounded, so that labels never crowd out the events they stand beside. */
export function labelLines(labels: readonly string[], dialect: Dialect): string {
  return cutBytes(labels.map(dialect.escape).join(dialect.newline), LABEL_BYTES);
}
