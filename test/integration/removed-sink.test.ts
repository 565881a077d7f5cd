import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { projectFolder } from '../../infra/discover.ts';
import { parseOutputs, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { letterBody } from '../infra/ops/dlq/letters.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 });

const STACK = 'removed-sink';
const both = { stackName: STACK, sinks: ['log', 'webhook'] };
const one = { stackName: STACK, sinks: ['log'] };

let localStack: LocalStack;
let sqs: SQSClient;

beforeAll(async () => {
  localStack = await startLocalStack();
  await bootstrap(localStack, { context: both });
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = localStack.env;
  sqs = new SQSClient({ endpoint: localStack.endpoint, region, credentials: { accessKeyId, secretAccessKey } });
});

afterAll(async () => {
  if (localStack?.origin === 'found') await destroy(localStack, { context: one });
  await localStack?.stop();
});

async function deployed(context: Readonly<Record<string, string | object>>): Promise<StackOutputs> {
  const { [STACK]: outputs = {} } = await deploy(localStack, { context });
  return parseOutputs(outputs);
}

async function ops(
  ...argv: readonly string[]
): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const main = join(projectFolder, 'infra', 'ops.ts');
  const child = spawn(process.execPath, [main, ...argv, '--stack', STACK], { env: localEnvironment(localStack) });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code]: unknown[] = await closed;
  return { code, out, err };
}

/** LocalStack deletes queues that CloudFormation retains: this is the one that it would have left. */
async function keepLetters(body: string): Promise<void> {
  const tags = { 'kube-courier': STACK, 'kube-courier/owner': 'webhook', 'kube-courier/queue': 'dead-letters' };
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `${STACK}-sinkwebhookQueuesDeadLetters-old`, tags }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

test('a sink in use is not removed without a word, and finds its events again when it returns', async () => {
  const first = await deployed(both);
  const queues = first.sinks.find(({ owner }) => owner === 'webhook');
  const body = JSON.stringify({ ...letterBody('kept'), destination: 'webhook/team' });
  await sqs.send(new SendMessageCommand({ QueueUrl: queues?.deadLetterQueueUrl, MessageBody: body }));

  await expect(deployed(one)).rejects.toThrow(
    /the sink webhook is deployed .* 1 message with dead letters.*removeSinks=webhook/s,
  );
  const removed = await deployed({ ...one, removeSinks: 'webhook' });
  await keepLetters(body);
  const stranded = await ops('status');
  await deployed(both);
  const adopted = await ops('adopt', 'webhook', '--yes');
  const letters = await ops('dlq', 'ls', 'webhook', '--json');

  expect(removed.sinks.map(({ owner }) => owner)).toEqual(['log']);
  expect(stranded.out).toContain(
    '! 1 message with dead letters of webhook in a queue of an earlier deployment: add webhook to sinks',
  );
  expect(adopted).toMatchObject({ code: 0, err: expect.stringContaining('moved 1 message with dead letters from ') });
  expect(JSON.parse(letters.out)).toMatchObject({ owner: 'webhook', code: 'unexplained', count: 1 });
});
