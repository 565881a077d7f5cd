import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { logFields } from '../log-fields.ts';

/** A line of the functions' log, read. */
export interface Line {
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ReadLines {
  readonly lines: readonly Line[];
  /** Since when the log was read: later than asked where it holds too much. */
  readonly since: number;
}

/** A page is 1 MB at most; a large log is read from its newest end as far as this goes. */
const MAX_PAGES = 60;
const SLICE_MS = 5 * 60_000;

/** Reads the lines of a log group that match a pattern: in whole slices, the newest first, within a bound. */
export async function readLines(
  logs: CloudWatchLogsClient,
  group: string,
  filterPattern: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadLines> {
  const lines: Line[] = [];
  let pages = 0;
  for (let end = to; end > from; end -= SLICE_MS) {
    const startTime = end - SLICE_MS;
    let nextToken: string | undefined;
    do {
      if (pages >= MAX_PAGES) return { lines, since: end };
      pages += 1;
      const reply = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime,
          // Inclusive; the newest slice takes what comes in while it is read.
          ...(end < to && { endTime: end - 1 }),
          filterPattern,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const { message = '', timestamp = 0 } of reply.events ?? []) {
        const fields = logFields(message);
        if (fields) lines.push({ at: timestamp, fields });
      }
      nextToken = reply.nextToken;
    } while (nextToken !== undefined);
  }
  return { lines, since: from };
}
