import { createHash } from 'node:crypto';
import { recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { demand, demandFifo, entriesOf, isTakenText, messageBytes, startVendor, type AwsVendor } from './aws.ts';

/** A queue has refused larger messages unless somebody raised it, until 2025. */
const MAX_MESSAGE_BYTES = 262_144;

/** Amazon SQS' SendMessageBatch, by https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export function startSqs(account: string, queue: string): Promise<AwsVendor> {
  const isFifo = queue.endsWith('.fifo');
  return startVendor({
    operation: 'SendMessageBatch',
    read({ QueueUrl, Entries }) {
      const path = new URL(textOf(QueueUrl)).pathname;
      demand(path === `/${account}/${queue}`, 'QueueDoesNotExist', 'The specified queue does not exist.');
      const read = entriesOf(Entries, 10, 'TooManyEntriesInBatchRequest').map((entry) => {
        const text = textOf(entry['MessageBody']);
        demand(/^[\w-]{1,80}$/.test(textOf(entry['Id'])), 'InvalidBatchEntryId', 'id');
        demand(isTakenText(text), 'InvalidMessageContents', 'characters');
        demandFifo(isFifo, entry);
        const bytes = messageBytes(text, recordOf(entry['MessageAttributes']));
        demand(bytes <= MAX_MESSAGE_BYTES, 'InvalidParameterValue', `a message of ${bytes} bytes`);
        return { entry, bytes, taken: { text, extra: entry } };
      });
      const bytes = read.reduce((sum, each) => sum + each.bytes, 0);
      demand(bytes <= 1_048_576, 'BatchRequestTooLong', 'The length of all the messages is more than the limit');
      return read;
    },
    reply: (entries, codes) => ({
      Successful: entries.flatMap(({ Id, MessageBody }, index) =>
        codes[index]
          ? []
          : [
              {
                Id,
                MessageId: `m-${textOf(Id)}`,
                MD5OfMessageBody: createHash('md5').update(textOf(MessageBody)).digest('hex'),
              },
            ],
      ),
      Failed: entries.flatMap(({ Id }, index) =>
        codes[index] ? [{ Id, Code: codes[index], Message: 'refused', SenderFault: false }] : [],
      ),
    }),
  });
}
