import { KinesisClient as Client, PutRecordsCommand, type PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { AWS_LIMITS, awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface KinesisClient {
  /** @param input with records as text, which is sent in UTF-8 */
  putRecords(input: {
    readonly StreamARN: string;
    readonly Records: readonly { readonly Data: string; readonly PartitionKey: string }[];
  }): Promise<Pick<PutRecordsCommandOutput, 'Records'>>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): KinesisClient {
  // By itself this client alone speaks HTTP/2, which proxies and emulators may not, and which has other time limits.
  const requestHandler = new NodeHttpHandler(AWS_LIMITS);
  const client = new Client({ ...awsClientSettings(aws, arn, endpoint), requestHandler });
  return {
    putRecords: ({ StreamARN, Records }) =>
      client.send(
        new PutRecordsCommand({
          StreamARN,
          Records: Records.map(({ Data, PartitionKey }) => ({ Data: Buffer.from(Data), PartitionKey })),
        }),
      ),
    close: () => client.destroy(),
  };
}
