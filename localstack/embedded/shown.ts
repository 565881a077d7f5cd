import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { Severity } from '../../functions/core/contract/severity.ts';
import { textOf } from '../../functions/core/contract/untrusted.ts';
import { paragraph } from '../../infra/terminal/table.ts';
import type { Screen, Tone } from '../../infra/terminal/screen.ts';
import { cutTo, harmless, padded, widthOf, wrapTo } from '../../infra/terminal/width.ts';
import { logFields } from '../../infra/ops/log-fields.ts';
import { readableLine } from './readable-log.ts';

const TONES: Readonly<Record<Severity, Tone>> = { critical: 'act', warning: 'wait', info: 'detail' };
const LEVELS: Readonly<Record<string, Tone>> = { error: 'act', warn: 'wait', info: 'detail' };
/** The columns that all lines share: the time, how serious it is, and what it is of. */
const SERIOUS = 8;
const NAME = 20;
const INDENT = ' '.repeat('00:00:00 '.length + SERIOUS + 1);
/** Where a terminal is wide enough, objects have a column of their own. */
const OBJECT = 36;
const WIDE = 120;
/** Of what somebody may have to act on, so many lines are shown; of the rest one. */
const MOST_LINES = 3;

/** An event on a terminal: the same columns for all, coloured by severity, its time in the zone of this machine. */
export function shownEvent(event: ClusterEvent, screen: Screen): string {
  const { severity, reason, object, message, count, lastSeen } = event;
  const place = [object.kind, [object.namespace, object.name].filter(Boolean).join('/')].filter(Boolean).join(' ');
  const text = `${message}${count > 1 ? ` (x${count})` : ''}`;
  const tone = TONES[severity];
  return row(
    { time: lastSeen, serious: severity, name: reason, place, text, tone, most: tone === 'detail' ? 1 : MOST_LINES },
    screen,
  );
}

/** A line of a function's or the relay's log, or of this command, on a terminal. */
export function shownNote(line: string, screen: Screen): string {
  const fields = logFields(line);
  if (!fields) return shownText(line, screen);
  const { time, level, message, sink, event, destination, ...rest } = fields;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  if (event !== undefined) details.push(`event ${shortId(textOf(event))}`);
  const tail = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return row(
    {
      time: textOf(time) || new Date().toISOString(),
      serious: textOf(level),
      name: textOf(destination) || textOf(sink) || 'relay',
      place: '',
      text: `${textOf(message)}${tail}`,
      tone: LEVELS[textOf(level)],
      most: Infinity,
    },
    screen,
  );
}

/** `5a0c6d1e/184467` for `<cluster>/<uid>/<resourceVersion>`, as chats show it. */
function shortId(id: string): string {
  const [, uid = '', version = ''] = /\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
  return uid === '' ? id : `${uid.slice(0, 8)}/${version}`;
}

function shownText(line: string, screen: Screen): string {
  const [first = '', ...others] = paragraph(readableLine(line), '  ', screen);
  const [, who = '', said = first] = /^([a-z-]+:)( .*)$/.exec(first) ?? [];
  return [screen.paint('head', who) + said, ...others].join('\n');
}

interface Shown {
  readonly time: string;
  readonly serious: string;
  readonly name: string;
  readonly place: string;
  readonly text: string;
  readonly tone: Tone | undefined;
  readonly most: number;
}

function row({ time, serious, name, place, text, tone, most }: Shown, { columns = Infinity, paint }: Screen): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const head = `${padded(serious, SERIOUS)} ${padded(harmless(name), NAME)}`;
  const isWide = columns >= WIDE && place !== '';
  const object = isWide ? padded(cutTo(place, OBJECT), OBJECT) : '';
  const before = [clock, head, object].filter(Boolean).join(' ');
  const left = Math.max(1, columns - widthOf(before) - 1);
  const whole = place === '' || isWide ? text : `${place}: ${text}`;
  const rest = said(whole, { left, width: Math.max(1, columns - INDENT.length), most }).join(`\n${INDENT}`);
  const told = tone === 'detail' ? paint(tone, rest) : rest;
  return [paint('detail', clock), paint(tone, head), object, told].filter(Boolean).join(' ').trimEnd();
}

/** A text in so many lines at most. The first stands behind something else, the others have the width to themselves. */
function said(
  text: string,
  { left, width, most }: { readonly left: number; readonly width: number; readonly most: number },
): readonly string[] {
  if (most === 1) return [cutTo(text, left)];
  const lines = wrapTo(text, width, left);
  const kept = lines.slice(0, most);
  return lines.length === kept.length ? kept : [...kept.slice(0, -1), cutTo(`${kept.at(-1) ?? ''} …`, width)];
}
