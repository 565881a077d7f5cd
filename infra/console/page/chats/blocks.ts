/** What a message looks like, whatever the chat: each chat's payload is converted to it, and one drawer draws it. */
export interface Message {
  /** As a bar or heading in the colour of the severity. */
  readonly tone?: Tone;
  readonly blocks: readonly Block[];
  /** What a list of chats shows, where that is not in the message. */
  readonly notice?: string;
}

export type Tone = 'critical' | 'warning' | 'info';

export type Block =
  | { readonly kind: 'title'; readonly spans: readonly Span[] }
  | { readonly kind: 'text'; readonly spans: readonly Span[]; readonly isQuiet?: boolean }
  | { readonly kind: 'quote'; readonly spans: readonly Span[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] }
  | { readonly kind: 'links'; readonly links: readonly Link[] }
  /** What belongs together, set apart from the rest. */
  | { readonly kind: 'section'; readonly tone?: Tone; readonly blocks: readonly Block[] }
  /** What nobody taught the page: shown as JSON. */
  | { readonly kind: 'unknown'; readonly value: unknown };

export interface Field {
  readonly label: readonly Span[];
  readonly value: readonly Span[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export type Mark = 'bold' | 'italic' | 'strike' | 'code' | 'quiet' | 'mention';

/** A run of text that looks alike. Line breaks are in it as they are. */
export interface Span {
  readonly text: string;
  readonly marks?: readonly Mark[];
  readonly href?: string;
}

export function plain(text: string): readonly Span[] {
  return text === '' ? [] : [{ text }];
}

/** A payload of any shape: what it is not is shown as JSON. */
export type Convert = (payload: unknown) => Message;
