import type { ClusterEvent } from '../contract/event.ts';
import type { Severity } from '../contract/severity.ts';
import { cutBytes, sizeOf } from '../kit/text.ts';
import { cardOf, viewsOf } from './card.ts';
import { digest } from './digest.ts';
import { fit, type Layout } from './fit.ts';
import type { ChatOptions } from './options.ts';
import { textOf, type TextLayout } from './text.ts';
import type { Link } from './view.ts';

export interface ChatMessage {
  /** For notifications and lists: on one line, neither marked up nor escaped. */
  readonly title: string;
  readonly text: string;
  /** The highest of its events. */
  readonly severity: Severity;
  /** Of the event, or of the latest of those that tell one thing; a digest has none. */
  readonly links: readonly Link[];
}

const TITLE_BYTES = 240;

/** One message for a batch in a service's own form: of a single event, or of several that tell one thing; else a digest. Pure. */
export function laidOut<Laid>(events: readonly ClusterEvent[], options: ChatOptions, layout: Layout<Laid>): Laid {
  const views = viewsOf(events, options);
  const [only, second] = views;
  if (!only) throw new Error('a chat message needs at least one event');
  return second ? digest(views, options, layout) : fit(cardOf(only, options), layout);
}

/** One message for a batch as one text. Pure. */
export function chatMessage(events: readonly ClusterEvent[], options: ChatOptions, layout: TextLayout): ChatMessage {
  return laidOut(events, options, {
    lay: (card) => ({
      title: cutBytes(card.title, TITLE_BYTES),
      text: textOf(card, layout),
      severity: card.severity,
      links: card.body.flatMap((part) => (part.kind === 'links' ? part.links : [])),
    }),
    size: ({ text }) => sizeOf(text, layout.unit),
    max: layout.max,
  });
}
