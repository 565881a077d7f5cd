import type { ClusterEvent } from '../contract/event.ts';
import type { Severity } from '../contract/severity.ts';
import { cutBytes } from '../kit/text.ts';
import { groupsOf } from './groups.ts';
import { listCommand } from './kubectl.ts';
import type { ChatOptions } from './options.ts';
import { severityMarks, viewOf, type EventView, type Fact, type Link } from './view.ts';
import { words } from './words.ts';

/** What a message says, before it is laid out: texts are single lines, neither marked up nor escaped. */
export interface Card {
  /** The highest of its events. */
  readonly severity: Severity;
  /** `🟠 [prod] BackOff · Pod payments/api-7d9f` */
  readonly title: string;
  /** In reading order. */
  readonly body: readonly Part[];
}

/** A part of a card. Each kind stands in a body once, but for items. */
export type Part =
  /** What the event says: the only part that is cut where room is short. */
  | { readonly kind: 'quote'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'hint'; readonly text: string }
  /** To be copied: whole, or not at all. */
  | { readonly kind: 'commands'; readonly commands: readonly string[] }
  /** How to list all events of the card. */
  | { readonly kind: 'all'; readonly label: string; readonly command: string }
  | { readonly kind: 'links'; readonly links: readonly Link[] }
  /** Lines that a destination shows with every message. */
  | { readonly kind: 'labels'; readonly lines: readonly string[] }
  /** What happened how often. */
  | { readonly kind: 'tally'; readonly text: string }
  /** What was left out. */
  | { readonly kind: 'more'; readonly text: string }
  /** Tells the message from one that reads alike. */
  | { readonly kind: 'id'; readonly text: string }
  /** Of a digest: one of its most serious, in full. */
  | Item
  /** Of a digest: the others, in a line each. */
  | { readonly kind: 'list'; readonly when: string; readonly lines: readonly Line[] };

export interface Item {
  readonly kind: 'item';
  readonly severity: Severity;
  readonly title: string;
  /** Quote, facts, hint, commands and links. */
  readonly body: readonly Part[];
}

export interface Line {
  readonly severity: Severity;
  /** `🟠 07:59:30 BackOff · Pod payments/api ×4` */
  readonly title: string;
  readonly message: string;
  /** The most of the message to show, in the unit of the service. */
  readonly room: number;
}

/** Bytes of all labels together: they never crowd out the events they stand beside. */
const LABELS_BYTES = 400;

/** Groups of events as people read of them, the most serious first; of several versions of one event only the last tells something. */
export function viewsOf(events: readonly ClusterEvent[], options: ChatOptions): readonly EventView[] {
  return groupsOf(latest(events)).map((group) => viewOf(group, options));
}

/** All there is to say of one event, or of several that tell one thing. */
export function cardOf(view: EventView, options: ChatOptions): Card {
  return {
    severity: view.severity,
    title: `${severityMarks[view.severity]} [${view.cluster}] ${view.title}`,
    body: saying([
      ...partsOf(view, view.events.length > 1 ? [allOf(view.events, options)] : []),
      labelsOf(options),
      { kind: 'id', text: view.id },
    ]),
  };
}

/** What a view says, with further commands after its own. */
export function partsOf(view: EventView, further: readonly Part[] = []): readonly Part[] {
  return [
    { kind: 'quote', text: view.message },
    { kind: 'facts', facts: view.facts },
    { kind: 'hint', text: view.hint ?? '' },
    { kind: 'commands', commands: view.commands },
    ...further,
    { kind: 'links', links: view.links },
  ];
}

/** How to list all of some events. */
export function allOf(events: readonly ClusterEvent[], { language }: ChatOptions): Part {
  return { kind: 'all', label: words[language].all, command: listCommand(events) };
}

/** The labels that have room; the last of them is cut. */
export function labelsOf({ labels }: ChatOptions): Part {
  let room = LABELS_BYTES;
  const lines = labels.flatMap((label) => {
    const line = room > 0 ? cutBytes(label, room) : '';
    room = line === label ? room - Buffer.byteLength(line) - 1 : 0;
    return line === '' ? [] : [line];
  });
  return { kind: 'labels', lines };
}

/** The parts that say something. */
export function saying(parts: readonly Part[]): readonly Part[] {
  return parts.filter((part) => {
    if ('text' in part) return part.text !== '';
    if (part.kind === 'facts') return part.facts.length > 0;
    if (part.kind === 'commands') return part.commands.length > 0;
    if (part.kind === 'links') return part.links.length > 0;
    return !('lines' in part) || part.lines.length > 0;
  });
}

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
