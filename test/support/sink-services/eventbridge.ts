import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { queueReader, shareLocalStack } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

const NAME = 'every-sink-eventbridge';

/** LocalStack's EventBridge, with a rule that sends warnings to a queue. */
export async function start(): Promise<SinkService> {
  const { access, release } = await shareLocalStack();
  const [events, sqs] = [new EventBridgeClient(access), new SQSClient(access)];
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: NAME }));
  const { EventBusArn } = await events.send(new CreateEventBusCommand({ Name: NAME }));
  const EventPattern = JSON.stringify({ source: ['kube-courier'], detail: { type: ['Warning'] } });
  await events.send(new PutRuleCommand({ Name: NAME, EventBusName: NAME, EventPattern }));
  const Arn = `arn:aws:sqs:${access.region}:000000000000:${NAME}`;
  await events.send(new PutTargetsCommand({ Rule: NAME, EventBusName: NAME, Targets: [{ Id: 'queue', Arn }] }));
  const read = queueReader(sqs, QueueUrl);
  return {
    document: { busArn: EventBusArn, endpoint: access.endpoint },
    ids: async () => (await read()).map((body) => String(JSON.parse(body).detail.id)),
    async stop() {
      events.destroy();
      sqs.destroy();
      await release();
    },
  };
}
