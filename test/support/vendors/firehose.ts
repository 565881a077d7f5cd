import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { demand, entriesOf, startVendor, type AwsVendor } from './aws.ts';

/** Amazon Data Firehose's PutRecordBatch: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
export function startFirehose(stream: string): Promise<AwsVendor> {
  return startVendor({
    operation: 'PutRecordBatch',
    read({ DeliveryStreamName, Records }) {
      demand(DeliveryStreamName === stream, 'ResourceNotFoundException', 'Firehose not found');
      const read = entriesOf(Records, 500, 'InvalidArgumentException').map((entry) => {
        const data = Buffer.from(textOf(entry['Data']), 'base64');
        demand(data.length > 0 && data.length <= 1_024_000, 'InvalidArgumentException', `${data.length} bytes`);
        return { entry, bytes: data.length, taken: { text: data.toString() } };
      });
      const bytes = read.reduce((sum, each) => sum + each.bytes, 0);
      demand(bytes <= 4 * 1_048_576, 'InvalidArgumentException', `records of ${bytes} bytes`);
      return read;
    },
    reply: (entries, codes) => ({
      FailedPutCount: codes.filter(Boolean).length,
      RequestResponses: entries.map((_, index) =>
        codes[index] ? { ErrorCode: codes[index], ErrorMessage: 'refused' } : { RecordId: `r-${index}` },
      ),
    }),
  });
}
