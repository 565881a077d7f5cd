import { cutBytes } from '../kit/text.ts';
import { allOf, labelsOf, partsOf, saying, type Card, type Item, type Line, type Part } from './card.ts';
import { fit, lastOf, type Layout } from './fit.ts';
import type { ChatOptions } from './options.ts';
import { digestId, severityMarks, type EventView } from './view.ts';
import { words, type Words } from './words.ts';

/** Of a message in a line; where it is not critical, less is tried before events are left out. The whole one is in the store or in `kubectl describe`. */
const MESSAGE_ROOMS = [120, 40, 0] as const;
/** Reasons that a tally names. */
const NAMED_REASONS = 6;
const REASON_BYTES = 48;

/**
 * Several groups of events in one message, the most serious first. The most serious are shown in full as long as that takes no more
 * than half of the room, the others in a line each; what has no room for that is counted by reason.
 */
export function digest<Laid>(views: readonly EventView[], options: ChatOptions, layout: Layout<Laid>): Laid {
  const say = words[options.language];
  const severity = views[0]?.severity ?? 'info';
  const events = views.flatMap((view) => view.events);
  const clusters = new Set(events.map(({ cluster }) => cluster));
  const namespaces = new Set(events.map(({ object }) => object.namespace).filter(Boolean));
  const where = clusters.size > 1 ? say.clusters(clusters.size) : (views[0]?.cluster ?? '');
  const isOneReason = new Set(views.map(({ reason }) => reason)).size === 1;
  const bare: Card = {
    severity,
    title: `${severityMarks[severity]} [${where}] ${say.digest(events.length, namespaces.size)}`,
    body: [],
  };

  const name = (view: EventView) => (clusters.size > 1 ? `[${view.cluster}] ${view.title}` : view.title);
  const full = inFull(views, name, bare, layout);
  const others = views.slice(full.length);
  const withItems = (items: readonly Part[], rest: readonly EventView[]): Card => ({
    ...bare,
    body: saying([
      { kind: 'tally', text: isOneReason ? '' : tally(views, say) },
      labelsOf(options),
      ...items,
      { kind: 'more', text: rest.length > 0 ? say.more(eventsOf(rest), tally(rest, say)) : '' },
      allOf(events, options),
      { kind: 'id', text: say.digestId(digestId(events)) },
    ]),
  });
  const withLines = (count: number, room: number): Laid => {
    const shown = others.slice(0, count);
    const lines = shown.map((view) => lineOf(view, name(view), room));
    const list: Part = { kind: 'list', when: span(shown, say), lines };
    return layout.lay(withItems([...full, list], others.slice(count)));
  };
  const fits = (laid: Laid): boolean => layout.size(laid) <= layout.max;

  for (const room of MESSAGE_ROOMS) {
    const laid = withLines(others.length, room);
    if (fits(laid)) return laid;
  }
  const most = lastOf(0, others.length - 1, (count) => fits(withLines(count, 0)));
  return most === undefined ? fit(withItems([], views), layout) : withLines(most, 0);
}

/** All that is known of the most serious views, as far as half of the room has place for it; the same hint is given once. */
function inFull<Laid>(
  views: readonly EventView[],
  name: (view: EventView) => string,
  bare: Card,
  { lay, size, max }: Layout<Laid>,
): readonly Item[] {
  const sizeWith = (items: readonly Item[]): number => size(lay({ ...bare, body: items }));
  const room = sizeWith([]) + max / 2;
  const explained = new Set<string>();
  const items: Item[] = [];
  for (const view of views) {
    if (view.severity !== views[0]?.severity) break;
    const hint = view.hint !== undefined && explained.has(view.hint) ? undefined : view.hint;
    const item: Item = {
      kind: 'item',
      severity: view.severity,
      title: `${severityMarks[view.severity]} ${name(view)}`,
      body: saying(partsOf({ ...view, hint })),
    };
    if (sizeWith([...items, item]) > room) break;
    items.push(item);
    if (hint !== undefined) explained.add(hint);
  }
  return items;
}

function lineOf(view: EventView, name: string, room: number): Line {
  const { severity, message, count, events, lastSeen } = view;
  const times = events.length > 1 ? ` (×${count})` : ` ×${count}`;
  return {
    severity,
    title: `${severityMarks[severity]} ${lastSeen.time} ${name}${count > events.length ? times : ''}`,
    message,
    room: severity === 'critical' ? MESSAGE_ROOMS[0] : room,
  };
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
