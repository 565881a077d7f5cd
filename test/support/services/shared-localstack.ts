import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { startLocalStack, type LocalStack } from '../../../localstack/emulator/localstack.ts';

let running: Promise<LocalStack> | undefined;
let users = 0;

/** One LocalStack for all sinks that write to AWS' services; it ends with its last user. */
export async function shareLocalStack(): Promise<{
  /** For the clients of a test. */
  readonly access: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  release(): Promise<void>;
}> {
  running ??= startLocalStack();
  users += 1;
  const localStack = await running;
  giveCredentials();
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = localStack.env;
  return {
    access: {
      endpoint: localStack.endpoint,
      region: AWS_REGION,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    },
    async release() {
      users -= 1;
      if (users > 0) return;
      running = undefined;
      await localStack.stop();
    },
  };
}

/** Gives this process the credentials that a function has from its role, so that sinks that run in it can sign. */
export function giveCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
}

/** Takes all messages from a queue, those that are still on their way included, and adds their bodies to those it took before. */
export function queueReader(sqs: SQSClient, QueueUrl: string): () => Promise<readonly string[]> {
  const bodies: string[] = [];
  return async () => {
    for (;;) {
      const receive = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = '' }) => Body));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
}
