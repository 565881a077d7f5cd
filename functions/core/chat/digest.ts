import { createHash } from 'node:crypto';
import type { Severity } from './hint.ts';
import type { ChatOptions } from './options.ts';
import { commandLines, factLines, headingText, hintLine, labelLines, linkLines, type Layout } from './parts.ts';
import { byteLength, cutBytes } from './text.ts';
import { severityMarks, type EventView } from './view.ts';
import { words, type Words } from './words.ts';

/** Of a message in a list of many; the whole one is in the store or in `kubectl describe`. */
const BRIEF_MESSAGE_BYTES = 160;
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
  const { dialect, maxBytes } = layout;
  const say = words[options.language];
  const sorted = views.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const severity = sorted[0]?.severity ?? 'info';
  const clusters = new Set(sorted.map(({ cluster }) => cluster));
  const namespaces = new Set(sorted.map(({ namespace }) => namespace).filter(Boolean));
  const where = clusters.size > 1 ? say.clusters(clusters.size) : (sorted[0]?.cluster ?? '');
  const title = `${severityMarks[severity]} [${where}] ${say.digest(sorted.length, namespaces.size)}`;
  const reasons = new Set(sorted.map(({ reason }) => reason));
  const head = [
    dialect.heading(headingText(title, dialect), severity),
    reasons.size > 1 ? dialect.escape(tally(sorted, say)) : '',
    labelLines(options.labels, dialect),
  ];
  const tail = dialect.note(say.digestId(digestId(sorted)));
  const compose = (items: readonly string[]) => [...head, ...items, tail].filter(Boolean).join(dialect.itemGap);

  const name = (view: EventView) => (clusters.size > 1 ? `[${view.cluster}] ${view.title}` : view.title);
  const detailed = compose(detailedItems(sorted, name, layout));
  if (byteLength(detailed) <= maxBytes) return { title, text: detailed, severity };

  const items = [span(sorted, say), ...sorted.map((view) => briefItem(view, name(view), layout))];
  const brief = (count: number) => compose([...items.slice(0, count + 1), more(sorted.slice(count), say, layout)]);
  let count = sorted.length;
  while (count > 0 && byteLength(brief(count)) > maxBytes) count -= 1;
  return { title, text: cutBytes(brief(count), maxBytes), severity };
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
  { dialect }: Layout,
): readonly string[] {
  const explained = new Set<string>();
  return views.map((view) => {
    const hint = view.hint !== undefined && explained.has(view.hint) ? undefined : view.hint;
    if (hint !== undefined) explained.add(hint);
    const message = dialect.escape(view.message);
    const parts = [
      dialect.subheading(headingText(`${severityMarks[view.severity]} ${name(view)}`, dialect), view.severity),
      message && dialect.quote(message),
      factLines(view, dialect),
      hintLine(hint),
      commandLines(view, dialect),
      linkLines(view, dialect),
    ];
    return parts.filter(Boolean).join(dialect.gap).trimEnd();
  });
}

function briefItem(view: EventView, name: string, { dialect }: Layout): string {
  const times = view.count > 1 ? ` ×${view.count}` : '';
  const line = `${severityMarks[view.severity]} ${view.lastSeen.time} ${name}${times}`;
  const message = cutBytes(dialect.escape(view.message), BRIEF_MESSAGE_BYTES);
  const parts = [dialect.subheading(headingText(line, dialect), view.severity), message && dialect.quote(message)];
  return parts.filter(Boolean).join(dialect.gap).trimEnd();
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
