import type { Severity } from '../contract/severity.ts';
import { cutBytes, sizeOf } from '../kit/text.ts';
import { fit, type Block } from './fit.ts';
import type { ChatOptions } from './options.ts';
import {
  allLine,
  commandLines,
  escaped,
  factLines,
  headingBlock,
  hintLine,
  labelLines,
  linkLines,
  quoted,
  subheading,
  type Layout,
} from './parts.ts';
import { digestId, severityMarks, type EventView } from './view.ts';
import { words, type Words } from './words.ts';

/** Of a message in a line; where it is not critical, less is tried before events are left out. The whole one is in the store or in `kubectl describe`. */
const MESSAGE_ROOMS = [120, 40, 0] as const;
/** Reasons that a tally names. */
const NAMED_REASONS = 6;
const REASON_BYTES = 48;

export interface Digest {
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
}

/**
 * Several groups of events in one message, the most serious first. The most serious are shown in full as long as that takes no more
 * than half of the message, the others in a line each; what has no room for that is counted by reason.
 */
export function digestOf(views: readonly EventView[], options: ChatOptions, layout: Layout): Digest {
  const { dialect, max, unit } = layout;
  const say = words[options.language];
  const severity = views[0]?.severity ?? 'info';
  const events = views.flatMap((view) => view.events);
  const clusters = new Set(events.map(({ cluster }) => cluster));
  const namespaces = new Set(events.map(({ object }) => object.namespace).filter(Boolean));
  const where = clusters.size > 1 ? say.clusters(clusters.size) : (views[0]?.cluster ?? '');
  const title = `${severityMarks[severity]} [${where}] ${say.digest(events.length, namespaces.size)}`;
  const isOneReason = new Set(views.map(({ reason }) => reason)).size === 1;

  const name = (view: EventView) => (clusters.size > 1 ? `[${view.cluster}] ${view.title}` : view.title);
  const full = inFull(views, name, layout);
  const others = views.slice(full.length);
  const blocks = (items: readonly string[], rest: readonly EventView[]): readonly Block[] =>
    [
      headingBlock(title, severity, layout),
      { rank: 4, text: isOneReason ? '' : dialect.escape(tally(views, say)) },
      { rank: 5, text: labelLines(options.labels, layout) },
      ...items.map((text) => ({ rank: 6, text })),
      { rank: 2, text: more(rest, say, layout) },
      { rank: 3, text: allLine(events, options, layout) },
      { rank: 1, text: dialect.note(say.digestId(digestId(events))) },
    ].filter(({ text }) => text !== '');
  const write = (count: number, messageRoom: number): string => {
    const shown = others.slice(0, count);
    const lines = shown.map((view) =>
      line(view, name(view), view.severity === 'critical' ? MESSAGE_ROOMS[0] : messageRoom, layout),
    );
    const list = [...(count > 0 ? [span(shown, say)] : []), ...lines].join(dialect.newline);
    return blocks([...full, list], others.slice(count))
      .map(({ text }) => text)
      .join(dialect.itemGap);
  };

  const all = MESSAGE_ROOMS.map((room) => [others.length, room] as const);
  const fewer = others.map((_, left) => [others.length - left - 1, 0] as const);
  for (const [count, messageRoom] of [...all, ...fewer]) {
    const text = write(count, messageRoom);
    if (sizeOf(text, unit) <= max) return { title, text, severity };
  }
  return { title, text: fit(blocks([], views), dialect.itemGap, layout), severity };
}

/** All that is known of the most serious views, as far as half a message has room; the same hint is given once. */
function inFull(views: readonly EventView[], name: (view: EventView) => string, layout: Layout): readonly string[] {
  const { dialect, max, unit } = layout;
  const explained = new Set<string>();
  const items: string[] = [];
  let room = max / 2;
  for (const view of views) {
    if (view.severity !== views[0]?.severity) break;
    const hint = view.hint !== undefined && explained.has(view.hint) ? undefined : view.hint;
    const item = [
      subheading(`${severityMarks[view.severity]} ${name(view)}`, view.severity, layout),
      quoted(view.message, max / 4, layout),
      factLines(view, dialect),
      hintLine(hint),
      commandLines(view, dialect),
      linkLines(view, dialect),
    ]
      .filter(Boolean)
      .join(dialect.gap)
      .trimEnd();
    room -= sizeOf(`${item}${dialect.itemGap}`, unit);
    if (room < 0) break;
    items.push(item);
    if (hint !== undefined) explained.add(hint);
  }
  return items;
}

function line(view: EventView, name: string, messageRoom: number, layout: Layout): string {
  const isRepeated = view.count > view.events.length;
  const times = view.events.length > 1 ? ` (×${view.count})` : ` ×${view.count}`;
  const head = `${severityMarks[view.severity]} ${view.lastSeen.time} ${name}${isRepeated ? times : ''}`;
  const message = escaped(view.message, messageRoom, layout);
  return [subheading(head, view.severity, layout), message].filter(Boolean).join(' · ');
}

/** The lines show a time only; this gives it a date and a zone. */
function span(views: readonly EventView[], say: Words): string {
  const times = views
    .map(({ lastSeen }) => lastSeen)
    .toSorted((a, b) => `${a.date} ${a.time}`.localeCompare(`${b.date} ${b.time}`));
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last) return '';
  return first.date === last.date && first.time === last.time ? say.once(last) : say.span(first, last);
}

function more(rest: readonly EventView[], say: Words, { dialect }: Layout): string {
  if (rest.length === 0) return '';
  return dialect.escape(say.more(eventsOf(rest), tally(rest, say)));
}

function eventsOf(views: readonly EventView[]): number {
  return views.reduce((sum, { events }) => sum + events.length, 0);
}

/** Reasons with the number of their events, the most frequent first. */
function tally(views: readonly EventView[], say: Words): string {
  const byReason = Map.groupBy(views, ({ reason }) => cutBytes(reason, REASON_BYTES));
  const counts = [...byReason].map(([reason, of]) => [reason, eventsOf(of)] as const);
  const sorted = counts.toSorted((a, b) => b[1] - a[1]);
  const named = sorted.length > NAMED_REASONS + 1 ? sorted.slice(0, NAMED_REASONS) : sorted;
  const rest = sorted.slice(named.length);
  return say.tally(named, { kinds: rest.length, events: rest.reduce((sum, [, count]) => sum + count, 0) });
}
