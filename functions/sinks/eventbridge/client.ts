import {
  DescribeEventBusCommand,
  EventBridgeClient as Client,
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsCommandOutput,
} from '@aws-sdk/client-eventbridge';
import type { AwsAccess } from '../../core/contract/sink.ts';
import { awsClientSettings } from '../../core/kit/aws/client.ts';

/** The calls that the sink makes. */
export interface EventBridgeClient {
  putEvents(input: PutEventsCommandInput): Promise<Pick<PutEventsCommandOutput, 'Entries'>>;
  /** Asks once: what was there is remembered. */
  describeEventBus(input: { readonly Name: string }): Promise<unknown>;
  close(): void;
}

export function createClient(aws: AwsAccess, arn: string, endpoint: string | undefined): EventBridgeClient {
  const client = new Client(awsClientSettings(aws, arn, endpoint));
  let described: unknown;
  return {
    putEvents: (input) => client.send(new PutEventsCommand(input)),
    async describeEventBus(input) {
      described ??= await client.send(new DescribeEventBusCommand(input));
      return described;
    },
    close: () => client.destroy(),
  };
}
