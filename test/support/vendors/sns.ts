import type { Input } from '../aws/server.ts';
import { demand, demandFifo, entriesOf, isTakenText, messageBytes, startVendor, type AwsVendor } from './aws.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';

/** Amazon SNS' PublishBatch, by https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
export function startSns(topicArn: string): Promise<AwsVendor> {
  const isFifo = topicArn.endsWith('.fifo');
  return startVendor({
    operation: 'PublishBatch',
    read(form) {
      demand(form['TopicArn'] === topicArn, 'NotFound', 'Topic does not exist');
      const entries = entriesOf(members(form, 'PublishBatchRequestEntries.member'), 10, 'TooManyEntriesInBatchRequest');
      demand(new Set(entries.map(({ Id }) => Id)).size === entries.length, 'BatchEntryIdsNotDistinct', 'ids');
      const read = entries.map((entry) => {
        const text = textOf(entry['Message']);
        demand(/^[\w-]{1,80}$/.test(textOf(entry['Id'])), 'InvalidBatchEntryId', 'id');
        demand(isTakenText(text), 'InvalidParameter', 'Invalid parameter: Message');
        demandFifo(isFifo, entry);
        const attributes = attributesOf(entry);
        return { entry, bytes: messageBytes(text, attributes), taken: { text, extra: { ...entry, attributes } } };
      });
      const bytes = read.reduce((sum, each) => sum + each.bytes, 0);
      demand(bytes <= 262_144, 'BatchRequestTooLong', 'The length of all the messages is more than the limit');
      return read;
    },
    reply(entries, codes) {
      return {
        Successful: entries.flatMap(({ Id }, index) => (codes[index] ? [] : [{ Id, MessageId: `m-${textOf(Id)}` }])),
        Failed: entries.flatMap(({ Id }, index) =>
          codes[index] ? [{ Id, Code: codes[index], Message: 'refused', SenderFault: false }] : [],
        ),
      };
    },
  });
}

/** The members of a list in the query protocol: `<prefix>.<n>.<field>`. */
function members(form: Input, prefix: string): readonly Input[] {
  const lists = new Map<number, Record<string, unknown>>();
  for (const [name, value] of Object.entries(form)) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const [index = '', ...field] = name.slice(prefix.length + 1).split('.');
    lists.set(Number(index), { ...lists.get(Number(index)), [field.join('.')]: value });
  }
  return [...lists].toSorted(([a], [b]) => a - b).map(([, fields]) => fields);
}

function attributesOf(entry: Input): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    members(entry, 'MessageAttributes.entry').map((each) => [
      textOf(each['Name']),
      { DataType: each['Value.DataType'], StringValue: each['Value.StringValue'] },
    ]),
  );
}
