import type { ClusterEvent } from '../../core/contract/event.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { exceptionOutcome, outcomesByPlace } from '../../core/kit/aws/outcomes.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument, MAX_RECORD_BYTES, objectKey } from '../../core/kit/event-document.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';

/** PutRecords takes 500 records and 5 MiB, keys included; newer streams twice as much. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const LIMITS = { maxItems: 500, maxBytes: 5_000_000 };

/** A record for each event, keyed by the object, up to 500 in a request; an outcome for each. */
export const sink = defineSink({
  config,
  render(events) {
    const records = events.map((event) => ({ event, record: recordFor(event) }));
    return chunk(records, LIMITS, ({ record }) => Buffer.byteLength(record.Data) + record.PartitionKey.length).map(
      (run) => ({
        events: run.map(({ event }) => event),
        payload: run.map(({ record }) => record),
      }),
    );
  },
  connect: async ({ aws, options }) => createClient(aws, options.streamArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    try {
      const reply = await client.putRecords({ StreamARN: options.streamArn, Records: payload });
      const entries = reply?.Records?.map(({ ErrorCode: code, ErrorMessage: message }) => ({ code, message }));
      return outcomesByPlace(payload.length, entries);
    } catch (error) {
      return exceptionOutcome(error);
    }
  },
});

/** A line of JSON: what is behind Kinesis often joins records. */
function recordFor(event: ClusterEvent): { readonly Data: string; readonly PartitionKey: string } {
  return { Data: `${eventDocument(event, MAX_RECORD_BYTES)}\n`, PartitionKey: objectKey(event) };
}
