import { copyable, escapeText } from './escape.ts';
import type { Severity } from '../contract/severity.ts';
import type { Language } from './options.ts';
import type { Link } from './view.ts';
import { words } from './words.ts';

/** How a chat writes the parts of a message. `escape` comes first; the other functions take escaped text, but for commands and links. */
export interface Dialect {
  readonly escape: (text: string) => string;
  readonly heading: (text: string, severity: Severity) => string;
  /** The heading of one event in a digest. */
  readonly subheading: (text: string, severity: Severity) => string;
  readonly quote: (text: string) => string;
  readonly fact: (label: string, value: string) => string;
  readonly command: (command: string) => string;
  readonly links: (links: readonly Link[]) => string;
  readonly note: (text: string) => string;
  /** Between paragraphs. */
  readonly gap: string;
  /** Between the events of a digest. */
  readonly itemGap: string;
  /** Between the lines of a paragraph. */
  readonly newline: string;
}

/** A message without any markup, for clients that show none. */
export function plainDialect(language: Language): Dialect {
  const { colon } = words[language];
  return {
    escape: escapeText,
    heading: (text) => text,
    subheading: (text) => text,
    quote: (text) => text,
    fact: (label, value) => `${label}${colon}${value}`,
    command: (command) => `$ ${copyable(command)}`,
    links: (links) => links.map(({ title, url }) => `${escapeText(title)}${colon}${url}`).join('\n'),
    note: (text) => text,
    gap: '\n',
    itemGap: '\n\n',
    newline: '\n',
  };
}

/** `[title](url)`, with the parentheses that would end the target encoded. */
export function markdownLink(title: string, url: string): string {
  return `[${title}](${url.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}
