import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { queueReader, shareLocalStack } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

/** LocalStack's SNS with a queue that is subscribed to the topic. */
export async function start(): Promise<SinkService> {
  const { access, release } = await shareLocalStack();
  const [sns, sqs] = [new SNSClient(access), new SQSClient(access)];
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'every-sink-sns' }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'every-sink-sns' }));
  const wanted = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await sqs.send(wanted);
  const Endpoint = Attributes?.['QueueArn'];
  const raw = { RawMessageDelivery: 'true' };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: raw }));
  const read = queueReader(sqs, QueueUrl);
  return {
    document: { topicArn: TopicArn, endpoint: access.endpoint },
    ids: async () => (await read()).map((body) => String(JSON.parse(body).id)),
    async stop() {
      sns.destroy();
      sqs.destroy();
      await release();
    },
  };
}
