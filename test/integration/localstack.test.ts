import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { zip } from '../support/zip.ts';

/** Of its own, for a LocalStack that stays may know those of an earlier run. */
const NAME = `probe-${process.pid}-${Date.now()}`;
const CODE = `
let invocations = 0;
export async function handler(event, context) {
  invocations += 1;
  if (event.crash) process.exit(3);
  if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (event.fail) throw new TypeError('as asked');
  if (!event.Records) {
    return { invocations, pid: process.pid, parent: process.ppid, remainingMs: context.getRemainingTimeInMillis() };
  }
  const batchItemFailures = [];
  for (const { messageId, body, attributes } of event.Records) {
    await fetch(process.env.RECEIVER, { method: 'POST', body: body + ' ' + attributes.ApproximateReceiveCount });
    if (body === 'poison') batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
}
`;

describe('LocalStack', () => {
  let localStack: LocalStack;
  let lambda: LambdaClient;
  let sqs: SQSClient;
  let receiver: Server;
  const received: string[] = [];

  beforeAll(async () => {
    localStack = await startLocalStack();
    const access = {
      endpoint: localStack.endpoint,
      region: localStack.env.AWS_REGION,
      credentials: {
        accessKeyId: localStack.env.AWS_ACCESS_KEY_ID,
        secretAccessKey: localStack.env.AWS_SECRET_ACCESS_KEY,
      },
    };
    lambda = new LambdaClient(access);
    sqs = new SQSClient(access);
    receiver = createServer((request, response) => {
      void text(request).then((body) => {
        received.push(body);
        response.end();
      });
    }).listen(0, localStack.receivers.bind);
    await once(receiver, 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: NAME,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/probe',
        Timeout: 2,
        Environment: { Variables: { RECEIVER: `http://${localStack.receivers.host}:${port}` } },
        Code: { ZipFile: zip('index.mjs', CODE) },
      }),
    );
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 120 }, { FunctionName: NAME });
  });

  afterAll(async () => {
    lambda.destroy();
    sqs.destroy();
    receiver.close();
    await localStack.stop();
  });

  async function invoke(event: object) {
    const reply = await lambda.send(
      new InvokeCommand({ FunctionName: NAME, Payload: JSON.stringify(event), LogType: 'Tail' }),
    );
    const payload: Readonly<Record<string, unknown>> = JSON.parse(reply.Payload?.transformToString() ?? 'null');
    return { ...payload, failed: reply.FunctionError !== undefined };
  }

  async function createQueue(name: string, attributes: Record<string, string>) {
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    const { Attributes: { QueueArn: arn = '' } = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
    );
    return { url, arn };
  }

  test('keeps the state of a function between invocations and tells it the time it has left', async () => {
    const first = await invoke({});
    const second = await invoke({});

    expect(first).toMatchObject({ failed: false, invocations: 1 });
    expect(second).toMatchObject({ failed: false, invocations: 2 });
    expect(Number(Object(second)['remainingMs'])).toBeGreaterThan(0);
    expect(Number(Object(second)['remainingMs'])).toBeLessThanOrEqual(2000);
  });

  test('reports an error, a crash and a timeout of a function, and starts it anew after the last two', async () => {
    expect(await invoke({ fail: true })).toMatchObject({
      failed: true,
      errorType: 'TypeError',
      errorMessage: 'as asked',
    });
    expect(await invoke({ crash: true })).toMatchObject({ failed: true, errorType: 'Runtime.ExitError' });
    expect(await invoke({})).toMatchObject({ failed: false, invocations: 1 });
    expect(await invoke({ hang: true })).toMatchObject({ failed: true, errorType: 'Sandbox.Timedout' });
    expect(await invoke({})).toMatchObject({ failed: false, invocations: 1 });
  });

  test('delivers a queue to a function, repeats only the item that failed, and dead-letters it in the end', async () => {
    const deadLetters = await createQueue(`${NAME}-dead-letters`, {});
    const queue = await createQueue(NAME, {
      VisibilityTimeout: '2',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 2 }),
    });
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: NAME,
        EventSourceArn: queue.arn,
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      }),
    );
    const bodies = ['one', 'poison', 'two', 'three'];
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: bodies.map((body) => ({ Id: body, MessageBody: body })),
      }),
    );

    const letter = await vi.waitFor(
      async () => {
        const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters.url }));
        expect(message).toBeDefined();
        return message;
      },
      { timeout: 60_000, interval: 200 },
    );

    expect(letter?.Body).toBe('poison');
    expect(received.toSorted()).toEqual(['one 1', 'poison 1', 'poison 2', 'three 1', 'two 1']);
  });

  test('leaves no process behind when it is stopped', async ({ skip }) => {
    if (localStack.origin !== 'process') skip('its processes are not on this machine');
    const { pid, parent }: Readonly<Record<string, unknown>> = await invoke({});

    await localStack.stop();

    for (const id of [pid, parent]) expect(() => process.kill(Number(id), 0)).toThrow('ESRCH');
    await expect(fetch(localStack.endpoint)).rejects.toThrow('fetch failed');
  });

  test('ends when the process that started it is killed', async ({ skip }) => {
    if (localStack.origin !== 'process') skip('its processes are not on this machine');
    const module = JSON.stringify(import.meta.resolve('../../localstack/emulator/localstack.ts'));
    const program = `
      import { startLocalStack } from ${module};
      process.stdout.write((await startLocalStack(() => undefined)).endpoint);
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [endpoint] = await once(owner.stdout, 'data');
    expect((await fetch(`${endpoint}/_localstack/health`)).status).toBe(200);

    owner.kill('SIGKILL');

    await vi.waitFor(() => expect(fetch(`${endpoint}`)).rejects.toThrow('fetch failed'), { timeout: 120_000 });
  });
});
