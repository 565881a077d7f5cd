import type { ClusterEvent } from '../../core/contract/event.ts';
import { delivered, rejected, retry, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { exceptionOutcome } from '../../core/kit/aws/outcomes.ts';
import { arnParts } from '../../core/kit/aws/target.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument, MAX_RECORD_BYTES } from '../../core/kit/event-document.ts';
import { createClient, type LogsClient } from './client.ts';
import { config } from './config.ts';

/** PutLogEvents takes 10,000 events and 1 MiB, of which each event counts 26 bytes more. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const LIMITS = { maxItems: 10_000, maxBytes: 1024 * 1024 };
const OVERHEAD_BYTES = 26;
/** The events of a request may span a day. */
const SPAN_MS = 24 * 60 * 60 * 1000;
/** How far ahead of AWS' clock an event may be. */
const AHEAD_MS = 2 * 60 * 60 * 1000;

interface LogLine {
  readonly event: ClusterEvent;
  readonly timestamp: number;
  readonly message: string;
}

/**
 * A log event for each event, in the order of their times, in one log stream per cluster; an outcome for each. Where the log stream
 * does not exist, it is created, and the request made once more.
 */
export const sink = defineSink({
  config,
  render(events, { logStreamPrefix }) {
    return [...Map.groupBy(events, ({ cluster }) => cluster)].flatMap(([cluster, ofCluster]) =>
      spans(ofCluster.map(lineOf).toSorted((a, b) => a.timestamp - b.timestamp))
        .flatMap((span) => chunk(span, LIMITS, ({ message }) => Buffer.byteLength(message) + OVERHEAD_BYTES))
        .map((run) => ({
          events: run.map(({ event }) => event),
          payload: {
            logStreamName: `${logStreamPrefix}${cluster.replaceAll(/[:*]/g, '_')}`.slice(0, 512),
            logEvents: run.map(({ timestamp, message }) => ({ timestamp, message })),
          },
        })),
    );
  },
  connect: async ({ aws, options }) => createClient(aws, options.logGroupArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options, now }) {
    const logGroupName = arnParts(options.logGroupArn).resource.replace('log-group:', '');
    const outcome = await put(client, logGroupName, payload, now());
    if (!isMissing(outcome)) return outcome;
    return (await uncreated(client, logGroupName, payload.logStreamName)) ?? put(client, logGroupName, payload, now());
  },
});

interface Payload {
  readonly logStreamName: string;
  readonly logEvents: readonly { readonly timestamp: number; readonly message: string }[];
}

async function put(
  client: LogsClient,
  logGroupName: string,
  { logStreamName, logEvents }: Payload,
  now: Date,
): Promise<Outcome | readonly Outcome[]> {
  try {
    const reply = await client.putLogEvents({ logGroupName, logStreamName, logEvents: [...logEvents] });
    const {
      tooOldLogEventEndIndex = 0,
      expiredLogEventEndIndex = 0,
      tooNewLogEventStartIndex = logEvents.length,
    } = reply?.rejectedLogEventsInfo ?? {};
    const oldEnd = Math.max(tooOldLogEventEndIndex, expiredLogEventEndIndex);
    return logEvents.map(({ timestamp }, index): Outcome => {
      if (index < oldEnd) return rejected('event', 'too_old', `its time is ${new Date(timestamp).toISOString()}`);
      if (index < tooNewLogEventStartIndex) return delivered;
      // Where the clocks differ, the wait may seem to be over: then the usual backoff.
      const afterMs = timestamp - AHEAD_MS - now.getTime();
      return retry('too_new', `its time is ${new Date(timestamp).toISOString()}`, { ...(afterMs > 0 && { afterMs }) });
    });
  } catch (error) {
    return exceptionOutcome(error);
  }
}

function isMissing(outcome: Outcome | readonly Outcome[]): boolean {
  return 'status' in outcome && outcome.status === 'rejected' && outcome.code === 'target_unusable';
}

/** Creates a log stream, unless another invocation was faster. What is to be said where that fails. */
async function uncreated(
  client: LogsClient,
  logGroupName: string,
  logStreamName: string,
): Promise<Outcome | undefined> {
  try {
    await client.createLogStream({ logGroupName, logStreamName });
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceAlreadyExistsException') return undefined;
    return exceptionOutcome(error);
  }
}

function lineOf(event: ClusterEvent): LogLine {
  return { event, timestamp: Date.parse(event.lastSeen), message: eventDocument(event, MAX_RECORD_BYTES) };
}

/** Runs of lines, which are in order, that each span less than a day. */
function spans(lines: readonly LogLine[]): readonly (readonly LogLine[])[] {
  const runs: LogLine[][] = [];
  let start = -Infinity;
  for (const line of lines) {
    if (line.timestamp - start >= SPAN_MS) {
      runs.push([]);
      start = line.timestamp;
    }
    runs.at(-1)?.push(line);
  }
  return runs;
}
