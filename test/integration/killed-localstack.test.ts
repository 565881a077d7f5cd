import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseOutputs, type ConsumerOutput, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { forward, type Forwarded } from '../support/forward.ts';
import { startHttpServer, type Answer, type HttpServer } from '../support/http-server.ts';
import {
  expectEnds,
  FILTER,
  isPoison,
  isRefused,
  isTransient,
  lettersIn,
  putLedger,
} from '../support/killed-ledger.ts';

/** With 20,000 it takes seven minutes, most of them for ends of what is killed again and again. */
const EVENTS = Number(process.env['LEDGER_EVENTS'] ?? 4000);
const STACK = 'killed-test';
const BATCH_SIZE = 5;
/** As the sink has it. */
const ENVELOPE_EVENTS = 20;
const MINUTES = 60_000;
/** Short times, so that a crash is over soon. */
const CONTEXT = {
  stackName: STACK,
  sinks: 'webhook',
  timeoutSeconds: 10,
  visibilitySeconds: 12,
  retryBaseSeconds: 5,
  maxReceives: 4,
  'sinks.webhook.batchSize': BATCH_SIZE,
  dashboard: false,
};
/** Answers from anywhere after which a process ends, about. */
const LIFE = { router: 60, webhook: 1000 } as const;

/**
 * What is loaded into a function's process beside the function: it ends the process at an answer from a service, be it SQS' or
 * the receiver's, after so many of them or at one that says so. The request has had its effect, and nothing after it has.
 */
const KILLER = `
import { spawnSync } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
let left = Number(process.env.ANSWERS_IN_A_LIFE) * (0.5 + Math.random());
subscribe('http.client.response.finish', ({ response }) => {
  left -= 1;
  if (left > 0 && response.headers['x-end-process'] === undefined) return;
  spawnSync(process.execPath, ['-e', 'fetch(process.env.KILLED_URL)'], { env: { KILLED_URL: process.env.KILLED_URL } });
  process.exit(3);
});
`;

let localStack: LocalStack;
let receiver: HttpServer;
let forwarded: Forwarded;
let outputs: StackOutputs;
let sqs: SQSClient;
let lambda: LambdaClient;
const killed = { router: 0, webhook: 0 };
const accepted = new Map<string, number>();
const failedOnce = new Set<string>();

beforeAll(async () => {
  [localStack, receiver] = await Promise.all([
    startLocalStack(),
    startHttpServer(({ path, body }) => {
      if (path === '/killed/router') killed.router += 1;
      if (path === '/killed/webhook') killed.webhook += 1;
      return path.startsWith('/killed') ? { status: 200 } : answer(body.slice(1, -1));
    }),
  ]);
  forwarded = await forward(localStack, receiver.url);
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = localStack.env;
  const access = { endpoint: localStack.endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  sqs = new SQSClient(access);
  lambda = new LambdaClient(access);
  await bootstrap(localStack, { context: CONTEXT });
  outputs = parseOutputs((await deploy(localStack, { context: CONTEXT }))[STACK] ?? {});
  const ssm = new SSMClient(access);
  const document = { url: forwarded.url, body: '${ event.uid }', filter: FILTER };
  const Name = `${outputs.prefix}/destinations/webhook/ledger`;
  await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(document), Type: 'String' }));
  ssm.destroy();
  for (const owner of ['router', 'webhook'] as const) await makeMortal(owner);
});

afterAll(async () => {
  sqs?.destroy();
  lambda?.destroy();
  if (localStack?.origin === 'found') await destroy(localStack, { context: CONTEXT });
  await Promise.all([localStack?.stop(), receiver?.stop()]);
  forwarded?.close();
});

test(
  `of ${EVENTS} events each ends once though functions are killed now and then, and what always kills them dies alone`,
  { timeout: 60 * MINUTES },
  async () => {
    const [router, webhook] = [consumer('router'), consumer('webhook')];
    const queues = { ingestUrl: router.queueUrl, ownUrl: webhook.queueUrl, destination: 'webhook/ledger' };

    const uids = await putLedger(sqs, queues, EVENTS);
    await vi.waitFor(
      async () => {
        expect(await waitingOn(router.queueUrl)).toBe(0);
        expect(await waitingOn(webhook.queueUrl)).toBe(0);
      },
      { timeout: 58 * MINUTES, interval: 1000 },
    );

    const letters = await lettersIn(sqs, webhook.deadLetterQueueUrl);
    const duplicates = [...accepted.values()].reduce((sum, count) => sum + count - 1, 0);
    process.stderr.write(
      `sent ${uids.length + 2}, delivered ${accepted.size}, letters ${letters.length}; killed ${JSON.stringify(killed)}, delivered again ${duplicates}\n`,
    );
    expectEnds(uids, accepted, letters);
    expect(await lettersIn(sqs, router.deadLetterQueueUrl)).toEqual([]);
    expect(failedOnce.size).toBe(uids.filter((uid) => isTransient(uid) && !isRefused(uid)).length);
    expect(Math.min(killed.router, killed.webhook)).toBeGreaterThan(0);
    expect(duplicates).toBeLessThanOrEqual(mostDuplicates());
  },
);

function answer(uid: string): Answer {
  if (isPoison(uid)) return { status: 200, headers: { 'x-end-process': 'yes' } };
  if (isRefused(uid)) return { status: 422 };
  if (isTransient(uid) && !failedOnce.has(uid)) {
    failedOnce.add(uid);
    return { status: 503 };
  }
  accepted.set(uid, (accepted.get(uid) ?? 0) + 1);
  return { status: 200 };
}

/** A killed invocation may have delivered all that it had in hand, and a router its copies of ten messages of 200 events. */
function mostDuplicates(): number {
  return killed.webhook * BATCH_SIZE * ENVELOPE_EVENTS + killed.router * 10 * 200;
}

async function makeMortal(owner: 'router' | 'webhook'): Promise<void> {
  const { functionName: FunctionName } = consumer(owner);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = {
    ...Environment?.Variables,
    NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(KILLER).toString('base64')}`,
    ANSWERS_IN_A_LIFE: String(LIFE[owner]),
    KILLED_URL: `${forwarded.url}/killed/${owner}`,
  };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60 }, { FunctionName });
}

function consumer(owner: string): ConsumerOutput {
  const found = [outputs.router, ...outputs.sinks].find((each) => each?.owner === owner);
  if (!found) throw new Error(`the stack has no output for ${owner}`);
  return found;
}

/** All messages: visible, in somebody's hands, and delayed. */
async function waitingOn(QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return (
    Number(Attributes?.ApproximateNumberOfMessages) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible) +
    Number(Attributes?.ApproximateNumberOfMessagesDelayed)
  );
}
