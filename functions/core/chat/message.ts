import type { ClusterEvent } from '../contract/event.ts';
import { digestOf } from './digest.ts';
import { fit, type Block } from './fit.ts';
import { groupsOf } from './groups.ts';
import type { Severity } from '../contract/severity.ts';
import type { ChatOptions } from './options.ts';
import {
  allLine,
  commandLines,
  factLines,
  headingBlock,
  hintLine,
  labelLines,
  linkLines,
  quoted,
  type Layout,
} from './parts.ts';
import { cutBytes } from '../kit/text.ts';
import { severityMarks, viewOf, type EventView, type Link } from './view.ts';

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

/** One message for a batch: the details of a single event, or of several that tell one thing; else a digest. Pure. */
export function chatMessage(events: readonly ClusterEvent[], options: ChatOptions, layout: Layout): ChatMessage {
  const views = groupsOf(latest(events)).map((group) => viewOf(group, options));
  const [only] = views;
  if (only === undefined) throw new Error('a chat message needs at least one event');
  if (views.length > 1) {
    const digest = digestOf(views, options, layout);
    return { ...digest, title: cutBytes(digest.title, TITLE_BYTES), links: [] };
  }
  const title = `${severityMarks[only.severity]} [${only.cluster}] ${only.title}`;
  const text = fit(paragraphs(only, title, options, layout), layout.dialect.gap, layout);
  return { title: cutBytes(title, TITLE_BYTES), text, severity: only.severity, links: only.links };
}

function paragraphs(view: EventView, title: string, options: ChatOptions, layout: Layout): readonly Block[] {
  const { dialect } = layout;
  const quote = (room: number) => quoted(view.message, room, layout);
  const blocks: readonly Block[] = [
    headingBlock(title, view.severity, layout),
    { rank: 1, text: quote(Infinity), shrink: quote },
    { rank: 3, text: factLines(view, dialect) },
    { rank: 4, text: hintLine(view.hint) },
    { rank: 5, text: commandLines(view, dialect) },
    { rank: 5, text: view.events.length > 1 ? allLine(view.events, options, layout) : '' },
    { rank: 6, text: layout.links === 'buttons' ? '' : linkLines(view, dialect) },
    { rank: 7, text: labelLines(options.labels, layout) },
    // Of two equal messages WeCom shows one: what tells them apart is among the last to go.
    { rank: 2, text: dialect.note(dialect.escape(view.id)) },
  ];
  return blocks.filter(({ text }) => text !== '');
}

/** Of several versions of one event in a batch only the last one tells something. */
function latest(events: readonly ClusterEvent[]): readonly ClusterEvent[] {
  const byEvent = new Map<string, ClusterEvent>();
  for (const event of events) {
    const key = JSON.stringify([event.cluster, event.uid]);
    const seen = byEvent.get(key);
    if (!seen || isLater(event, seen)) byEvent.set(key, event);
  }
  return [...byEvent.values()];
}

function isLater(event: ClusterEvent, than: ClusterEvent): boolean {
  return event.count === than.count ? event.lastSeen >= than.lastSeen : event.count > than.count;
}
