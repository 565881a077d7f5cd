import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { demand, entriesOf, startVendor, type AwsVendor } from './aws.ts';

/** Kinesis' PutRecords with the limits that every stream has: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export function startKinesis(streamArn: string): Promise<AwsVendor> {
  return startVendor({
    operation: 'PutRecords',
    read({ StreamARN, Records }) {
      demand(StreamARN === streamArn, 'ResourceNotFoundException', 'Stream not found');
      const read = entriesOf(Records, 500, 'ValidationException').map((entry) => {
        const key = textOf(entry['PartitionKey']);
        const data = Buffer.from(textOf(entry['Data']), 'base64');
        demand(key.length >= 1 && key.length <= 256, 'ValidationException', 'partitionKey');
        const bytes = data.length + Buffer.byteLength(key);
        demand(bytes <= 1_048_576, 'ValidationException', `a record of ${bytes} bytes`);
        return { entry, bytes, taken: { text: data.toString(), extra: entry } };
      });
      const bytes = read.reduce((sum, each) => sum + each.bytes, 0);
      demand(bytes <= 5 * 1_048_576, 'InvalidArgumentException', `records of ${bytes} bytes`);
      return read;
    },
    reply: (entries, codes) => ({
      FailedRecordCount: codes.filter(Boolean).length,
      Records: entries.map((_, index) =>
        codes[index]
          ? { ErrorCode: codes[index], ErrorMessage: 'refused' }
          : { SequenceNumber: String(index), ShardId: 'shardId-000000000000' },
      ),
    }),
  });
}
