import { retry } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { exceptionOutcome, outcomesByPlace } from '../../core/kit/aws/outcomes.ts';
import { arnParts } from '../../core/kit/aws/target.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument, MAX_RECORD_BYTES } from '../../core/kit/event-document.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';

/** PutRecordBatch takes 500 records and 4 MiB. https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
const LIMITS = { maxItems: 500, maxBytes: 4_000_000 };
/** Each record is billed in steps of 5 KB: of full ones, the last step is a small part. */
const RECORD_BYTES = 64 * 1024;

/** Lines of JSON, several in a record; the outcome of a record is that of each event in it. */
export const sink = defineSink({
  config,
  render(events, { eventsPerRecord }) {
    const lines = events.map((event) => ({ event, line: `${eventDocument(event, MAX_RECORD_BYTES)}\n` }));
    const limits = { maxItems: eventsPerRecord, maxBytes: RECORD_BYTES };
    const records = chunk(lines, limits, ({ line }) => Buffer.byteLength(line)).map((run) => ({
      events: run.map(({ event }) => event),
      data: run.map(({ line }) => line).join(''),
    }));
    return chunk(records, LIMITS, ({ data }) => Buffer.byteLength(data)).map((run) => ({
      events: run.flatMap((record) => record.events),
      payload: run.map((record) => ({ count: record.events.length, data: record.data })),
    }));
  },
  connect: async ({ aws, options }) => createClient(aws, options.streamArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    try {
      const reply = await client.putRecordBatch({
        DeliveryStreamName: arnParts(options.streamArn).resource.replace('deliverystream/', ''),
        Records: payload.map(({ data }) => ({ Data: data })),
      });
      const entries = reply?.RequestResponses?.map(({ ErrorCode: code, ErrorMessage: message }) => ({ code, message }));
      const outcomes = outcomesByPlace(payload.length, entries);
      return payload.flatMap(({ count }, index) => Array.from({ length: count }, () => outcomes[index] ?? unanswered));
    } catch (error) {
      return exceptionOutcome(error);
    }
  },
});

const unanswered = retry('unexpected_reply', 'the reply does not name the record');
