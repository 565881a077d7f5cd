import { eventLine } from '../event-line.ts';
import { durationText } from '../duration.ts';
import { oneLine } from '../one-line.ts';
import type { Counted, Entry, Said } from './entry.ts';

/** An entry for people, on one line; what somebody may have to act on has a `!` after its time. */
export function entryText(entry: Entry): string {
  switch (entry.kind) {
    case 'event':
      return eventLine(entry.event);
    case 'text':
      return oneLine(entry.text);
    case 'counted':
      return oneLine(`${timeOf(entry)} ${countedText(entry)}`);
    case 'said':
      return oneLine(`${timeOf(entry)} ${entry.level === 'info' ? '' : '! '}${saidText(entry)}`, 400);
  }
}

/** An entry as one JSON document. */
export function entryJson(entry: Entry): string {
  if (entry.kind !== 'event') return JSON.stringify({ ...entry, at: timeOf(entry) });
  const { raw: _, ...event } = entry.event;
  return JSON.stringify({ ...entry, at: timeOf(entry), event });
}

function timeOf({ at }: Pick<Entry, 'at'>): string {
  return new Date(at).toISOString();
}

function countedText({ place, delivered, filtered, cause, slowestMs }: Counted): string {
  const parts = [
    ...(delivered > 0 ? [`${delivered} delivered`] : []),
    ...(delivered > 0 && slowestMs !== undefined ? [`the slowest after ${latencyText(slowestMs)}`] : []),
    ...(filtered > 0 ? [`${filtered} filtered${cause === undefined ? '' : ` (${cause})`}`] : []),
  ];
  return `${place}: ${parts.join(', ')}`;
}

function latencyText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : durationText(ms / 1000);
}

function saidText({ place, message, event, fields }: Said): string {
  const { code, detail, attempts, ...rest } = fields;
  const told = [
    code,
    detail,
    typeof attempts === 'number' ? `attempt ${attempts}` : undefined,
    ...Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    event === undefined ? undefined : `event ${event}`,
  ].filter((part) => part !== undefined && part !== '');
  return `${[place, message].filter(Boolean).join(': ')}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
}
