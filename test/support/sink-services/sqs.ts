import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { queueReader, shareLocalStack } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

/** LocalStack's SQS. */
export async function start(): Promise<SinkService> {
  const { access, release } = await shareLocalStack();
  const sqs = new SQSClient(access);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'every-sink-sqs' }));
  const read = queueReader(sqs, QueueUrl);
  return {
    document: { queueArn: `arn:aws:sqs:${access.region}:000000000000:every-sink-sqs`, endpoint: access.endpoint },
    ids: async () => (await read()).map((body) => String(JSON.parse(body).id)),
    async stop() {
      sqs.destroy();
      await release();
    },
  };
}
