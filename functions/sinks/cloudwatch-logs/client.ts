import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type PutLogEventsCommandInput,
  type PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface LogsClient {
  putLogEvents(input: PutLogEventsCommandInput): Promise<Pick<PutLogEventsCommandOutput, 'rejectedLogEventsInfo'>>;
  createLogStream(input: { readonly logGroupName: string; readonly logStreamName: string }): Promise<unknown>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): LogsClient {
  const client = new CloudWatchLogsClient(awsClientSettings(aws, arn, endpoint));
  return {
    putLogEvents: (input) => client.send(new PutLogEventsCommand(input)),
    createLogStream: (input) => client.send(new CreateLogStreamCommand(input)),
    close: () => client.destroy(),
  };
}
