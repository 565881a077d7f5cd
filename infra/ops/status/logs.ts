import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ConsumerOutput } from '../../stack/parse-outputs.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';

/** What functions counted within the window, as their logs tell it. */
export interface Signals {
  readonly heartbeats: readonly Heartbeat[];
  readonly gaps: readonly Gap[];
  /** Destinations that need repair, `<type>/<name>` as far as known. */
  readonly configErrors: readonly string[];
}

export interface Heartbeat {
  readonly cluster: string;
  readonly at: number;
  readonly version: string;
  readonly installation: string;
}

export interface Gap {
  readonly cluster: string;
  readonly at: number;
  readonly cause: string;
}

/** A busy router writes much more than this; the newest lines are not needed to be complete. */
const MAX_PAGES = 50;

/** Reads the metric lines of functions since a time. */
export async function readSignals(
  logs: CloudWatchLogsClient,
  consumers: readonly ConsumerOutput[],
  since: number,
): Promise<Signals> {
  const lines = (
    await Promise.all(
      consumers.flatMap(({ logGroup, functionName, owner }) =>
        // A function of which the log group is not taken over writes to the one named after it.
        [logGroup, `/aws/lambda/${functionName}`].map((group) => readGroup(logs, group, owner, since)),
      ),
    )
  ).flat();
  return {
    heartbeats: lines.flatMap(({ fields, at }) =>
      'Heartbeats' in fields
        ? [
            {
              cluster: textOf(fields['Cluster']),
              at,
              version: textOf(fields['relay']),
              installation: textOf(fields['installation']),
            },
          ]
        : [],
    ),
    gaps: lines.flatMap(({ fields, at }) =>
      'Gaps' in fields ? [{ cluster: textOf(fields['Cluster']), at, cause: textOf(fields['cause']) }] : [],
    ),
    configErrors: [
      ...new Set(lines.flatMap(({ fields }) => ('ConfigErrors' in fields ? [destinationOf(fields)] : []))),
    ].toSorted(),
  };
}

interface Line {
  readonly at: number;
  readonly owner: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function readGroup(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  owner: string,
  startTime: number,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const reply = await logs.send(
        new FilterLogEventsCommand({
          logGroupName,
          startTime,
          filterPattern:
            owner === 'router'
              ? '{ ($.Heartbeats = *) || ($.Gaps = *) || ($.ConfigErrors = *) }'
              : '{ $.ConfigErrors = * }',
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const { message = '', timestamp = 0 } of reply.events ?? []) {
        const fields = parseLine(message);
        if (fields !== undefined) lines.push({ at: timestamp, owner, fields });
      }
      nextToken = reply.nextToken;
      if (nextToken === undefined) break;
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
  }
  return lines;
}

function parseLine(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function destinationOf(fields: Readonly<Record<string, unknown>>): string {
  const [sink, name] = [textOf(fields['Sink']), textOf(fields['Destination'])];
  return sink === 'router' ? name : `${sink}/${name}`;
}
