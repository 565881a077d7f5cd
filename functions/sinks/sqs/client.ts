import {
  SendMessageBatchCommand,
  SQSClient,
  type SendMessageBatchCommandInput,
  type SendMessageBatchCommandOutput,
} from '@aws-sdk/client-sqs';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface SqsClient {
  sendMessageBatch(
    input: SendMessageBatchCommandInput,
  ): Promise<Partial<Pick<SendMessageBatchCommandOutput, 'Successful' | 'Failed'>>>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): SqsClient {
  // The queue's URL names the queue; where it is, says the region, or the endpoint.
  const client = new SQSClient({ ...awsClientSettings(aws, arn, endpoint), useQueueUrlAsEndpoint: false });
  return {
    sendMessageBatch: (input) => client.send(new SendMessageBatchCommand(input)),
    close: () => client.destroy(),
  };
}
