import type { ClusterEvent } from '../../core/contract/event.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fifoFields, MAX_MESSAGE_BYTES, messageAttributes, messageBytes } from '../../core/kit/aws/message.ts';
import { entriesById, exceptionOutcome, outcomesById } from '../../core/kit/aws/outcomes.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument } from '../../core/kit/event-document.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';

/** PublishBatch takes ten messages and 256 KiB together, attributes included. https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const LIMITS = { maxItems: 10, maxBytes: 256 * 1024 };

/** A message for each event, ten in a request; an outcome for each. */
export const sink = defineSink({
  config,
  render(events, { topicArn }) {
    const messages = events.map((event) => ({ event, entry: entryOf(event, topicArn) }));
    return chunk(messages, LIMITS, ({ entry }) => messageBytes(entry.Message, entry.MessageAttributes)).map((run) => ({
      events: run.map(({ event }) => event),
      payload: entriesById(run.map(({ entry }) => entry)),
    }));
  },
  connect: async ({ aws, options }) => createClient(aws, options.topicArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    try {
      const reply = await client.publishBatch({
        TopicArn: options.topicArn,
        PublishBatchRequestEntries: [...payload],
      });
      return outcomesById(payload.length, reply?.Successful, reply?.Failed);
    } catch (error) {
      return exceptionOutcome(error);
    }
  },
});

function entryOf(event: ClusterEvent, topicArn: string) {
  return {
    Message: eventDocument(event, MAX_MESSAGE_BYTES),
    MessageAttributes: messageAttributes(event),
    ...(topicArn.endsWith('.fifo') && fifoFields(event)),
  };
}
