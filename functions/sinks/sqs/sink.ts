import type { ClusterEvent } from '../../core/contract/event.ts';
import { awsDomain } from '../../core/contract/region.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { fifoFields, MAX_MESSAGE_BYTES, messageAttributes, messageBytes } from '../../core/kit/aws/message.ts';
import { entriesById, exceptionOutcome, outcomesById } from '../../core/kit/aws/outcomes.ts';
import { arnParts } from '../../core/kit/aws/target.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { eventDocument } from '../../core/kit/event-document.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';

/**
 * SendMessageBatch takes ten messages and 1 MiB together, attributes included. A message keeps to the 256 KiB that queues had
 * before 2025. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
const LIMITS = { maxItems: 10, maxBytes: 1024 * 1024 };

/** A message for each event, ten in a request; an outcome for each. */
export const sink = defineSink({
  config,
  render(events, { queueArn }) {
    const messages = events.map((event) => ({ event, entry: entryOf(event, queueArn) }));
    return chunk(messages, LIMITS, ({ entry }) => messageBytes(entry.MessageBody, entry.MessageAttributes)).map(
      (run) => ({
        events: run.map(({ event }) => event),
        payload: entriesById(run.map(({ entry }) => entry)),
      }),
    );
  },
  connect: async ({ aws, options }) => createClient(aws, options.queueArn, options.endpoint),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    try {
      const reply = await client.sendMessageBatch({ QueueUrl: queueUrl(options), Entries: [...payload] });
      return outcomesById(payload.length, reply?.Successful, reply?.Failed);
    } catch (error) {
      return exceptionOutcome(error);
    }
  },
});

function entryOf(event: ClusterEvent, queueArn: string) {
  return {
    MessageBody: eventDocument(event, MAX_MESSAGE_BYTES),
    MessageAttributes: messageAttributes(event),
    ...(queueArn.endsWith('.fifo') && fifoFields(event)),
  };
}

/** SQS takes no ARN. Of the URL it reads account and name; the host is where the client sends it anyway. */
function queueUrl({
  queueArn,
  endpoint,
}: {
  readonly queueArn: string;
  readonly endpoint?: string | undefined;
}): string {
  const { region, account, resource } = arnParts(queueArn);
  const base = endpoint?.replace(/\/$/, '') ?? `https://sqs.${region}.${awsDomain(region)}`;
  return `${base}/${account}/${resource}`;
}
