import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { consumersOf, type StackOutputs } from '../../stack/parse-outputs.ts';
import { readLines, type Line, type ReadLines } from './lines.ts';

/** What functions said of late, as their log tells it. */
export interface Signals {
  readonly heartbeats: readonly Heartbeat[];
  readonly gaps: readonly Gap[];
  /** Destinations that need repair, `<type>/<name>` as far as known. */
  readonly configErrors: readonly string[];
  /** Silences that hold nothing because of a mistake, by name; `*` where they could not be read. */
  readonly silenceErrors: readonly string[];
  /** How many events each silence has held at destinations, by its name. */
  readonly held: ReadonlyMap<string, number>;
  /** Destinations at which events fail, the most events first. */
  readonly failing: readonly Failing[];
  /** Since when the log was read; later than asked where it holds too much. */
  readonly since: number;
}

export interface Heartbeat {
  readonly cluster: string;
  readonly at: number;
  readonly version: string;
  readonly installation: string;
  /** What it adds to events (`ENRICH`); empty from relays that do not say. */
  readonly enrich: string;
  /** SQS' time of its arrival less the relay's own time of it, in milliseconds; undefined from functions that do not say. */
  readonly lateMs: number | undefined;
}

export interface Gap {
  readonly cluster: string;
  readonly at: number;
  readonly cause: string;
}

/** A destination at which events were tried in vain at least three times, given up, or rejected. */
export interface Failing {
  readonly destination: string;
  /** Events by what became of them last. */
  readonly retrying: number;
  readonly givenUp: number;
  readonly rejected: number;
  /** The newest failure's. */
  readonly code: string;
  readonly detail: string;
  /** The most of an event. */
  readonly attempts: number;
  /** When it failed last. */
  readonly at: number;
}

/** Heartbeats come every five minutes: two may be late. */
export const RECENT_MS = 15 * 60_000;
/** An event is tried every quarter of an hour at the least, with some jitter, for as long as it is retried. */
export const FAILING_MS = 20 * 60_000;

const PATTERN =
  '{ ($.Heartbeats = *) || ($.Gaps = *) || ($.ConfigErrors = *) || ($.silence = *) || (($.level = "warn") && ($.attempts = *)) }';

/** Reads what the functions of a stack said in the last minutes. */
export async function readSignals(logs: CloudWatchLogsClient, stack: StackOutputs, now: number): Promise<Signals> {
  const { lines, since } = await readLog(logs, stack, PATTERN, { from: now - FAILING_MS, to: now });
  const recent = lines.filter(({ at }) => at >= now - RECENT_MS);
  return {
    heartbeats: recent.flatMap(({ fields, at }) =>
      'Heartbeats' in fields
        ? [
            {
              cluster: textOf(fields['Cluster']),
              at,
              version: textOf(fields['relay']),
              installation: textOf(fields['installation']),
              enrich: textOf(fields['enrich']),
              lateMs: latenessOf(fields),
            },
          ]
        : [],
    ),
    gaps: recent.flatMap(({ fields, at }) =>
      'Gaps' in fields ? [{ cluster: textOf(fields['Cluster']), at, cause: textOf(fields['cause']) }] : [],
    ),
    configErrors: [
      ...new Set(
        recent.flatMap(({ fields }) =>
          'ConfigErrors' in fields && !('silence' in fields)
            ? [textOf(fields['destination']) || `${textOf(fields['Sink'])}/*`]
            : [],
        ),
      ),
    ].toSorted(),
    silenceErrors: [
      ...new Set(recent.flatMap(({ fields }) => ('ConfigErrors' in fields ? textOf(fields['silence']) || [] : []))),
    ].toSorted(),
    held: heldIn(lines),
    failing: failing(lines.filter(({ fields }) => 'attempts' in fields)),
    since,
  };
}

/** How many events each silence of a stack has held in the last minutes, by its name. */
export async function readHeld(
  logs: CloudWatchLogsClient,
  stack: StackOutputs,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const { lines } = await readLog(logs, stack, '{ $.silence = * }', { from: now - FAILING_MS, to: now });
  return heldIn(lines);
}

function heldIn(lines: readonly Line[]): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { fields } of lines) {
    const silence = textOf(fields['silence']);
    const count = fields['Filtered'];
    if (silence !== '' && typeof count === 'number') held.set(silence, (held.get(silence) ?? 0) + count);
  }
  return held;
}

function latenessOf({ seenAt, sentAt }: Readonly<Record<string, unknown>>): number | undefined {
  const ms = Date.parse(textOf(sentAt)) - Date.parse(textOf(seenAt));
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * The log of router and sinks; where it is empty, those named after the functions: not every emulator heeds a function's own log
 * group.
 */
export async function readLog(
  logs: CloudWatchLogsClient,
  stack: StackOutputs,
  pattern: string,
  time: { readonly from: number; readonly to: number },
): Promise<ReadLines> {
  const { router } = stack;
  const own = router ? await readLines(logs, router.logGroup, pattern, time) : { lines: [], since: time.from };
  if (own.lines.length > 0) return own;
  const lines: Line[] = [];
  let since = own.since;
  for (const { functionName } of consumersOf(stack)) {
    try {
      const read = await readLines(logs, `/aws/lambda/${functionName}`, pattern, time);
      lines.push(...read.lines);
      since = Math.max(since, read.since);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    }
  }
  return { lines, since };
}

function failing(lines: readonly Line[]): readonly Failing[] {
  const byDestination = Map.groupBy(lines, ({ fields }) => textOf(fields['destination']));
  return [...byDestination]
    .map(([destination, own]) => summary(destination, own))
    .toSorted((a, b) => eventsOf(b) - eventsOf(a) || (a.destination < b.destination ? -1 : 1));
}

function eventsOf({ retrying, givenUp, rejected }: Failing): number {
  return retrying + givenUp + rejected;
}

function summary(destination: string, lines: readonly Line[]): Failing {
  const sorted = lines.toSorted((a, b) => a.at - b.at);
  // Each event counts by its newest line: a retried one that was given up since is retried no longer.
  const ends = new Map(sorted.map(({ fields }) => [fields['event'], textOf(fields['message'])]));
  const count = (pattern: RegExp): number => [...ends.values()].filter((message) => pattern.test(message)).length;
  const newest = sorted.at(-1);
  return {
    destination,
    retrying: count(/retried/),
    givenUp: count(/given up/),
    rejected: count(/rejected/),
    code: textOf(newest?.fields['code']),
    detail: textOf(newest?.fields['detail']),
    attempts: Math.max(...lines.map(({ fields }) => Number(fields['attempts']) || 0)),
    at: newest?.at ?? 0,
  };
}
