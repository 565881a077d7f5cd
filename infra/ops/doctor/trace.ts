import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import type { ConsumerOutput } from '../../stack/parse-outputs.ts';
import { readLog } from '../status/signals.ts';
import type { Line } from '../status/lines.ts';
import { allowed } from './finding.ts';
import type { World } from './world.ts';

/** An event on its way from the ingest queue to one destination. */
export interface Traced {
  /** `<cluster>/<uid>/<resourceVersion>`, as functions log it. */
  readonly event: string;
  /** SQS' id of the message on the ingest queue, by which the router logs it. */
  readonly messageId: string;
  /** Stands in the event's message, and nowhere else. */
  readonly token: string;
  /** `<type>/<name>`. */
  readonly destination: string;
  readonly consumer: ConsumerOutput;
  /** Whether the sink writes what it delivers into a log of its own. */
  readonly ownLog: boolean;
  /** When the event happened, and was sent, by AWS' clock. */
  readonly at: number;
}

/** What the logs tell of it. */
export interface Trace {
  readonly delivered?: { readonly at: number; readonly by: string };
  /** Why it is a dead letter. */
  readonly dead?: Reason;
  /** Why the last attempt failed. */
  readonly retried?: Reason;
}

export interface Reason {
  readonly code: string;
  readonly detail: string;
}

/** A log takes its time by another machine's clock. */
const MARGIN_MS = 60_000;

/**
 * Looks for an event in the logs. A failure is logged with the event's identity. A delivery is only counted: it
 * is this event's where the latency counted with it leads back to the event's time. The sink `log` writes the event itself.
 */
export async function trace(traced: Traced, { deployed, clients: { logs } }: World): Promise<Trace> {
  const { event, messageId, destination, at, ownLog } = traced;
  const type = destination.slice(0, destination.indexOf('/'));
  const pattern = `{ ($.event = "${event}") || ($.messageId = "${messageId}") || (($.Delivered = *) && ($.Sink = "${type}")) }`;
  const read = readLog(logs, deployed, pattern, { from: at - MARGIN_MS, to: at + MARGIN_MS });
  const { lines } = await allowed('logs:FilterLogEvents', read);
  const own = lines.filter(({ fields }) => fields['event'] === event || fields['messageId'] === messageId);
  const last = own.toSorted((a, b) => a.at - b.at).at(-1)?.fields;
  if (last !== undefined) {
    const reason = { code: textOf(last['code']), detail: textOf(last['detail']) };
    return /retried/.test(textOf(last['message'])) ? { retried: reason } : { dead: reason };
  }
  const written = ownLog ? await writtenLine(traced, logs) : undefined;
  if (written !== undefined) return { delivered: { at: written, by: 'its line is in the log' } };
  const counted = lines.find((line) => isDelivery(line, traced));
  return counted ? { delivered: { at: counted.at, by: 'the function has counted it as delivered' } } : {};
}

/** Between an event's outcome and the line that counts it, a function may wait for its robot's pace. */
const PACE_MS = 15_000;
/** Timestamps of events say whole seconds. */
const SECOND_MS = 1000;

function isDelivery({ fields }: Line, { destination, at }: Traced): boolean {
  const { Delivered, Destination, DeliveryLatency, Sink } = fields;
  if (
    Delivered === undefined ||
    (Destination !== undefined && `${textOf(Sink)}/${textOf(Destination)}` !== destination)
  )
    return false;
  const countedAt = Number(recordOf(fields['_aws'])['Timestamp']);
  const latencies = Array.isArray(DeliveryLatency) ? listOf(DeliveryLatency) : [DeliveryLatency];
  return latencies.some((latency) => {
    const happenedAt = countedAt - Number(latency);
    return happenedAt >= at - SECOND_MS && happenedAt <= at + PACE_MS;
  });
}

/** When the sink wrote the event into its log, in whatever format. */
async function writtenLine(
  { consumer, token, at }: Traced,
  logs: World['clients']['logs'],
): Promise<number | undefined> {
  // Not every emulator heeds a function's own log group.
  for (const logGroupName of [consumer.logGroup, `/aws/lambda/${consumer.functionName}`]) {
    try {
      const command = new FilterLogEventsCommand({
        logGroupName,
        startTime: at - MARGIN_MS,
        filterPattern: `"${token}"`,
      });
      const { events = [] } = await allowed('logs:FilterLogEvents', logs.send(command));
      const [found] = events.filter(({ message = '' }) => message.includes(token));
      if (found?.timestamp !== undefined) return found.timestamp;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    }
  }
  return undefined;
}
