import {
  FirehoseClient as Client,
  PutRecordBatchCommand,
  type PutRecordBatchCommandOutput,
} from '@aws-sdk/client-firehose';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface FirehoseClient {
  /** @param input with records as text, which is sent in UTF-8 */
  putRecordBatch(input: {
    readonly DeliveryStreamName: string;
    readonly Records: readonly { readonly Data: string }[];
  }): Promise<Pick<PutRecordBatchCommandOutput, 'RequestResponses'>>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): FirehoseClient {
  const client = new Client(awsClientSettings(aws, arn, endpoint));
  return {
    putRecordBatch: ({ DeliveryStreamName, Records }) =>
      client.send(
        new PutRecordBatchCommand({
          DeliveryStreamName,
          Records: Records.map(({ Data }) => ({ Data: Buffer.from(Data) })),
        }),
      ),
    close: () => client.destroy(),
  };
}
