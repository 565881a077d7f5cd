import {
  PublishBatchCommand,
  SNSClient,
  type PublishBatchCommandInput,
  type PublishBatchCommandOutput,
} from '@aws-sdk/client-sns';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface SnsClient {
  publishBatch(input: PublishBatchCommandInput): Promise<Pick<PublishBatchCommandOutput, 'Successful' | 'Failed'>>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): SnsClient {
  const client = new SNSClient(awsClientSettings(aws, arn, endpoint));
  return {
    publishBatch: (input) => client.send(new PublishBatchCommand(input)),
    close: () => client.destroy(),
  };
}
