import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { writeMessage } from '../../functions/core/contract/message.ts';
import { parseOutputs, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { folderOf, remove } from '../infra/ops/run.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';

const STACK = 'archive-test';
const MINUTE = 60_000;
const ARCHIVED = 400;
const context = { stackName: STACK, sinks: ['s3', 'webhook'], 'sinks.s3.windowSeconds': 1 };

let localStack: LocalStack;
let outputs: StackOutputs;
let sqs: SQSClient;
let ssm: SSMClient;
let folder: string;
const receivers: HttpServer[] = [];

beforeAll(async () => {
  localStack = await startLocalStack();
  await bootstrap(localStack, { context });
  await deploy(localStack, { context });
  const { endpoint, env } = localStack;
  const access = {
    endpoint,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  };
  sqs = new SQSClient(access);
  ssm = new SSMClient(access);
  const { Stacks } = await new CloudFormationClient(access).send(new DescribeStacksCommand({ StackName: STACK }));
  const found = (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]);
  outputs = parseOutputs(Object.fromEntries(found));
  folder = await folderOf({});
}, 5 * MINUTE);

afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.stop()));
  ssm?.destroy();
  sqs?.destroy();
  if (folder) await remove(folder);
  if (localStack?.origin === 'found') await destroy(localStack, { context });
  await localStack?.stop();
});

async function put(id: string, document: object): Promise<void> {
  const Name = `${outputs.prefix}/destinations/${id}`;
  await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(document), Type: 'String', Overwrite: true }));
}

/** A receiver, and the identities that it got, repeats included. */
async function receiver(name: string, filter: object): Promise<() => readonly string[]> {
  const server = await startHttpServer(() => ({ status: 204 }));
  receivers.push(server);
  await put(`webhook/${name}`, { filter, repeats: 'all' });
  const Name = `${outputs.prefix}/secrets/webhook/${name}`;
  const Value = JSON.stringify({ url: `${server.url}/hook` });
  await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }));
  return () => server.requests.map(({ headers }) => decodeURIComponent(headers['webhook-id'] ?? ''));
}

async function send(reason: string, from: number, count: number): Promise<void> {
  for (let first = from; first < from + count; first += 10) {
    const Entries = Array.from({ length: Math.min(10, from + count - first) }, (_, index) => ({
      Id: String(index),
      MessageBody: writeMessage({
        v: 1,
        kind: 'event',
        cluster: 'prod',
        seenAt: new Date().toISOString(),
        change: 'added',
        event: {
          ...sampleKubeEvent,
          reason,
          lastTimestamp: new Date().toISOString(),
          metadata: { ...sampleKubeEvent.metadata, uid: `${reason}-${first + index}` },
        },
      }),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: outputs.ingestQueueUrl, Entries }));
  }
}

async function ops(...argv: readonly string[]) {
  const main = join(import.meta.dirname, '../../infra/ops.ts');
  const child = spawn(process.execPath, [main, ...argv, '--stack', STACK], {
    cwd: folder,
    env: localEnvironment(localStack),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, out, err };
}

test(
  'an archive gives a new destination what came before it, once, and live events go on meanwhile',
  { timeout: 15 * MINUTE },
  async () => {
    const live = await receiver('live', { match: [{ reason: 'Live' }] });
    await put('s3/archive', { bucket: outputs.archive?.bucket, endpoint: localStack.endpoint });
    await send('Past', 0, ARCHIVED);

    const counted = async (): Promise<number> => {
      const { out } = await ops('archive', 'search', '--reason', 'Past', '--since', '1d', '--json');
      return out.split('\n').filter(Boolean).length;
    };
    await expect.poll(counted, { timeout: 5 * MINUTE, interval: 2000 }).toBe(ARCHIVED);

    const added = await receiver('added', { match: [{ reason: ['Past', 'Live'] }] });
    const replay = [
      'archive',
      'replay',
      '--destination',
      'webhook/added',
      '--since',
      '1d',
      '--reason',
      'Past',
    ] as const;
    const dry = await ops(...replay, '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining(`would send ${ARCHIVED} events`) });
    const [run] = await Promise.all([ops(...replay, '--rate', '100'), send('Live', 0, 20)]);

    expect(run).toMatchObject({ code: 0, err: expect.stringContaining(`sent ${ARCHIVED} events to webhook/added`) });
    await expect.poll(() => new Set(live()).size, { timeout: 5 * MINUTE, interval: 500 }).toBe(20);
    const past = () => new Set(added().filter((id) => id.includes('/Past-')));
    await expect.poll(() => past().size, { timeout: 5 * MINUTE, interval: 500 }).toBe(ARCHIVED);
    expect(added().filter((id) => id.includes('/Past-'))).toHaveLength(ARCHIVED);
  },
);
