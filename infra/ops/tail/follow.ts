import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../clock.ts';
import { OpsError } from '../command.ts';
import { durationText } from '../duration.ts';
import { failureText, isPassing } from '../failure.ts';

/** A log group that is followed. */
export interface Group {
  readonly name: string;
  /** Which lines are wanted, in CloudWatch's pattern language; all where there is none. */
  readonly pattern?: string;
  /** It need not be there: where it is not, nothing is said. */
  readonly isOptional: boolean;
}

/** A line as it stands in a log. */
export interface LogLine {
  readonly at: number;
  readonly group: string;
  readonly text: string;
}

export interface FollowOptions {
  /** Where to begin, in milliseconds since the epoch. */
  readonly from: number;
  /** When to end; `Infinity` where only the signal does it. */
  readonly until: number;
  readonly clock: Clock;
  /** Ends it, within a call too. */
  readonly signal: AbortSignal;
  /** Told what goes wrong and will be tried again, and when it goes on. */
  readonly tell: (line: string) => void;
}

const POLL_MS = 2000;
/** Lines of one time do not come into sight together: what is younger than this is read again, and what was seen is left out. */
const OVERLAP_MS = 30_000;
/** So much of the past is read at once. */
const SLICE_MS = 5 * 60_000;
const CALL_MS = 30_000;
const MAX_BACKOFF_MS = 30_000;
const GIVE_UP_MS = 15 * 60_000;

/**
 * The lines of log groups from a time on, as they come: each once, in the order of time as far as CloudWatch shows them in time.
 * A line that comes into sight more than half a minute after younger ones is missed. Ends when the signal aborts.
 * @throws {OpsError} where CloudWatch Logs cannot be read for a quarter of an hour; and what AWS says, where it will not pass.
 */
export async function* follow(
  logs: CloudWatchLogsClient,
  groups: readonly Group[],
  { from, until, clock, signal, tell }: FollowOptions,
): AsyncGenerator<readonly LogLine[]> {
  const seen = new Map<string, number>();
  const missing = new Set<string>();
  let start = from;
  while (!signal.aborted && clock.now() < until) {
    const isPast = start + SLICE_MS < clock.now() - OVERLAP_MS;
    const found = await readPatiently(isPast ? start + SLICE_MS - 1 : undefined);
    const fresh = [...found].filter(([id]) => !seen.has(id));
    for (const [id, { at }] of fresh) seen.set(id, at);
    if (fresh.length > 0) yield fresh.map(([, line]) => line).toSorted((a, b) => a.at - b.at);
    const newest = fresh.reduce((latest, [, { at }]) => Math.max(latest, at), start);
    start = isPast ? start + SLICE_MS : Math.max(start, newest - OVERLAP_MS);
    for (const [id, at] of seen) if (at < start) seen.delete(id);
    if (!isPast) await sleep(POLL_MS);
  }

  function sleep(ms: number): Promise<void> {
    return clock.sleep(Math.max(0, Math.min(ms, until - clock.now())), signal);
  }

  async function readPatiently(end: number | undefined): Promise<ReadonlyMap<string, LogLine>> {
    const failingSince = clock.now();
    for (
      let wait = 1000, failures = 0;
      !signal.aborted && clock.now() < until;
      wait = Math.min(2 * wait, MAX_BACKOFF_MS), failures += 1
    ) {
      try {
        const found = await read(end);
        if (failures > 0) tell('CloudWatch Logs answers again: it goes on where it stopped');
        return found;
      } catch (error) {
        if (signal.aborted) break;
        if (!isPassing(error)) throw error;
        const said = failureText(error);
        if (clock.now() - failingSince > GIVE_UP_MS)
          throw new OpsError(`given up after ${durationText(GIVE_UP_MS / 1000)}: ${said}`);
        tell(`${said}; tries again in ${durationText(wait / 1000)}`);
        await sleep(wait);
      }
    }
    return new Map();
  }

  /** All of what there is from `start` on, by CloudWatch's ids: a page alone would tell nothing of the order. */
  async function read(endTime: number | undefined): Promise<ReadonlyMap<string, LogLine>> {
    const found = new Map<string, LogLine>();
    for (const { name, pattern, isOptional } of groups) {
      let nextToken: string | undefined;
      do {
        const command = new FilterLogEventsCommand({
          logGroupName: name,
          startTime: start,
          ...(endTime !== undefined && { endTime }),
          ...(pattern !== undefined && { filterPattern: pattern }),
          ...(nextToken !== undefined && { nextToken }),
        });
        try {
          const reply = await inTime((abortSignal) => logs.send(command, { abortSignal }));
          for (const { eventId = '', logStreamName = '', timestamp = 0, message = '' } of reply.events ?? [])
            found.set(`${name} ${logStreamName} ${eventId}`, { at: timestamp, group: name, text: message });
          nextToken = reply.nextToken;
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
          if (!isOptional && !missing.has(name))
            tell(`there is no log group ${name} yet: nothing of it is shown until there is`);
          missing.add(name);
          nextToken = undefined;
        }
      } while (nextToken !== undefined && !signal.aborted);
    }
    return found;
  }

  /** A network that is lost in the middle of a call may say nothing for long. */
  async function inTime<Reply>(call: (abortSignal: AbortSignal) => Promise<Reply>): Promise<Reply> {
    const limit = AbortSignal.timeout(CALL_MS);
    try {
      return await call(AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal.aborted || !limit.aborted) throw error;
      throw Object.assign(new Error(`no answer within ${CALL_MS / 1000} s`), { name: 'TimeoutError' });
    }
  }
}
