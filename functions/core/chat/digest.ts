import { createHash } from 'node:crypto';
import type { Severity } from './hint.ts';
import type { ChatOptions } from './options.ts';
import { fit, type Block } from './fit.ts';
import {
  commandLines,
  factLines,
  headingBlock,
  hintLine,
  labelLines,
  linkLines,
  quoted,
  subheading,
  type Layout,
} from './parts.ts';
import { cutBytes, sizeOf } from '../kit/text.ts';
import { severityMarks, type EventView } from './view.ts';
import { words, type Words } from './words.ts';

/** Of a message in a list of many; the whole one is in the store or in `kubectl describe`. */
const BRIEF_MESSAGE_ROOM = 160;
/** Reasons that a tally names. */
const NAMED_REASONS = 6;
const REASON_BYTES = 48;

const order: readonly Severity[] = ['critical', 'warning', 'info'];

export interface Digest {
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
}

/** Several events in one message: all details if they fit, else a line or two for as many as fit, the rest counted by reason. */
export function digestOf(views: readonly EventView[], options: ChatOptions, layout: Layout): Digest {
  const { dialect, max, unit } = layout;
  const say = words[options.language];
  const sorted = views.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const severity = sorted[0]?.severity ?? 'info';
  const clusters = new Set(sorted.map(({ cluster }) => cluster));
  const namespaces = new Set(sorted.map(({ namespace }) => namespace).filter(Boolean));
  const where = clusters.size > 1 ? say.clusters(clusters.size) : (sorted[0]?.cluster ?? '');
  const title = `${severityMarks[severity]} [${where}] ${say.digest(sorted.length, namespaces.size)}`;
  const reasons = new Set(sorted.map(({ reason }) => reason));
  const head: readonly Block[] = [
    headingBlock(title, severity, layout),
    { rank: 4, text: reasons.size > 1 ? dialect.escape(tally(sorted, say)) : '' },
    { rank: 5, text: labelLines(options.labels, layout) },
  ];
  const id: Block = { rank: 1, text: dialect.note(say.digestId(digestId(sorted))) };
  const blocks = (items: readonly string[], rest = '') =>
    [...head, ...items.map((text) => ({ rank: 3, text })), { rank: 2, text: rest }, id].filter(
      ({ text }) => text !== '',
    );
  const join = (all: readonly Block[]) => all.map(({ text }) => text).join(dialect.itemGap);

  const name = (view: EventView) => (clusters.size > 1 ? `[${view.cluster}] ${view.title}` : view.title);
  const detailed = join(blocks(detailedItems(sorted, name, layout)));
  if (sizeOf(detailed, unit) <= max) return { title, text: detailed, severity };

  const items = [span(sorted, say), ...sorted.map((view) => briefItem(view, name(view), layout))];
  for (let count = sorted.length; count > 0; count -= 1) {
    const brief = join(blocks(items.slice(0, count + 1), more(sorted.slice(count), say, layout)));
    if (sizeOf(brief, unit) <= max) return { title, text: brief, severity };
  }
  return { title, text: fit(blocks([], more(sorted, say, layout)), dialect.itemGap, layout), severity };
}

/** Brief items show a time only; this line gives it a date and a zone. */
function span(views: readonly EventView[], say: Words): string {
  const times = views
    .map(({ lastSeen }) => lastSeen)
    .toSorted((a, b) => (`${a.date} ${a.time}` < `${b.date} ${b.time}` ? -1 : 1));
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last) return '';
  return first.date === last.date && first.time === last.time ? say.once(last) : say.span(first, last);
}

function detailedItems(
  views: readonly EventView[],
  name: (view: EventView) => string,
  layout: Layout,
): readonly string[] {
  const { dialect } = layout;
  const explained = new Set<string>();
  return views.map((view) => {
    const hint = view.hint !== undefined && explained.has(view.hint) ? undefined : view.hint;
    if (hint !== undefined) explained.add(hint);
    const parts = [
      subheading(`${severityMarks[view.severity]} ${name(view)}`, view.severity, layout),
      quoted(view.message, Infinity, layout),
      factLines(view, dialect),
      hintLine(hint),
      commandLines(view, dialect),
      linkLines(view, dialect),
    ];
    return parts.filter(Boolean).join(dialect.gap).trimEnd();
  });
}

function briefItem(view: EventView, name: string, layout: Layout): string {
  const times = view.count > 1 ? ` ×${view.count}` : '';
  const line = `${severityMarks[view.severity]} ${view.lastSeen.time} ${name}${times}`;
  const parts = [subheading(line, view.severity, layout), quoted(view.message, BRIEF_MESSAGE_ROOM, layout)];
  return parts.filter(Boolean).join(layout.dialect.gap).trimEnd();
}

function more(rest: readonly EventView[], say: Words, { dialect }: Layout): string {
  if (rest.length === 0) return '';
  return dialect.escape(say.more(rest.length, tally(rest, say)));
}

/** Reasons with the number of their events, the most frequent first. */
function tally(views: readonly EventView[], say: Words): string {
  const counts = new Map<string, number>();
  for (const { reason } of views) {
    const name = cutBytes(reason, REASON_BYTES);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  const named = sorted.length > NAMED_REASONS + 1 ? sorted.slice(0, NAMED_REASONS) : sorted;
  const rest = sorted.slice(named.length);
  return say.tally(named, { kinds: rest.length, events: rest.reduce((sum, [, count]) => sum + count, 0) });
}

/** Tells two digests apart that read alike: WeCom drops a message that equals a recent one. */
function digestId(views: readonly EventView[]): string {
  const ids = views.map(({ id }) => id).toSorted();
  return createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 8);
}
