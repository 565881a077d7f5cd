import type { ClusterEvent } from '../../core/contract/event.ts';
import type { Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { MAX_MESSAGE_BYTES } from '../../core/kit/aws/message.ts';
import { exceptionOutcome, outcomesByPlace } from '../../core/kit/aws/outcomes.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument } from '../../core/kit/event-document.ts';
import { createClient, type EventBridgeClient } from './client.ts';
import { config } from './config.ts';

/** PutEvents takes ten entries. 256 KiB together is what every region has taken. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const LIMITS = { maxItems: 10, maxBytes: 256 * 1024 };
/** What a time counts, by the same page. */
const TIME_BYTES = 14;

/**
 * An entry for each event, ten in a request; an outcome for each. A bus that does not exist takes events and loses them, so a new
 * client asks for the bus first, once.
 */
export const sink = defineSink({
  config,
  render(events, options) {
    const entries = events.map((event) => ({ event, entry: entryOf(event, options) }));
    return chunk(entries, LIMITS, ({ entry }) => bytesOf(entry)).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ entry }) => entry),
    }));
  },
  connect: async ({ aws, options }) => createClient(aws, options.busArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    const missing = await missingBus(client, options.busArn);
    if (missing) return missing;
    try {
      const reply = await client.putEvents({
        Entries: payload.map(({ Time, ...entry }) => ({
          ...entry,
          Time: new Date(Time),
          EventBusName: options.busArn,
        })),
      });
      const entries = reply?.Entries?.map(({ ErrorCode: code, ErrorMessage: message }) => ({ code, message }));
      return outcomesByPlace(payload.length, entries);
    } catch (error) {
      return exceptionOutcome(error);
    }
  },
});

/** What is to be said where there is no such bus. Whoever may not ask, as in another account, is left to PutEvents. */
async function missingBus(client: EventBridgeClient, busArn: string): Promise<Outcome | undefined> {
  try {
    await client.describeEventBus({ Name: busArn });
    return undefined;
  } catch (error) {
    const outcome = exceptionOutcome(error);
    return outcome.status === 'rejected' && outcome.code === 'access_denied' ? undefined : outcome;
  }
}

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: string;
}

function entryOf(event: ClusterEvent, options: { readonly source: string; readonly detailType: string }): Entry {
  return {
    Source: options.source,
    DetailType: options.detailType,
    Detail: eventDocument(event, MAX_MESSAGE_BYTES),
    Time: event.lastSeen,
  };
}

function bytesOf({ Source, DetailType, Detail }: Entry): number {
  return TIME_BYTES + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
