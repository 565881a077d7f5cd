import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseOutputs, type ConsumerOutput, type StackOutputs } from '../../infra/stack/parse-outputs.ts';
import { runCommand } from '../../localstack/emulator/command.ts';
import { bootstrap, deploy, destroy } from '../../localstack/emulator/deploy.ts';
import { localEnvironment, startLocalStack, type LocalStack } from '../../localstack/emulator/localstack.ts';
import { startApiServer, type ScriptedApiServer } from '../support/api-server.ts';
import { forward, type Forwarded } from '../support/forward.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import {
  buildRelay,
  spawnRelay,
  writeKubeconfig,
  type BuiltRelay,
  type RelayProcess,
} from '../support/relay-process.ts';
import { startDingTalk, type DingTalkFake } from '../support/vendors/dingtalk.ts';

const STACK = 'pipeline-test';
const OPS = join(import.meta.dirname, '../../infra/ops.ts');
/** Attempts before an event is given up. */
const MAX_RECEIVES = 4;
/** Short times, so that a retry or a crash is over soon; nothing below depends on them. */
const CONTEXT = {
  stackName: STACK,
  sinks: 'webhook,dingtalk,log',
  timeoutSeconds: 20,
  visibilitySeconds: 30,
  retryBaseSeconds: 5,
  maxReceives: MAX_RECEIVES,
  'sinks.dingtalk.windowSeconds': 1,
  dashboard: false,
};
const ROBOT = { accessToken: 'integration-token', signSecret: 'SECintegration' };
const PATIENCE = { timeout: 100_000, interval: 250 };

describe('the deployed pipeline', { timeout: 400_000 }, () => {
  let folder: string;
  let localStack: LocalStack;
  let outputs: StackOutputs;
  let ssm: SSMClient;
  let lambda: LambdaClient;
  let logs: CloudWatchLogsClient;
  let apiServer: ScriptedApiServer;
  let built: BuiltRelay;
  let relay: RelayProcess;
  let good: HttpServer;
  let failing: HttpServer;
  let dingtalk: DingTalkFake;
  const forwarders: Forwarded[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-courier-pipeline-'));
    [localStack, apiServer, built, good, failing, dingtalk] = await Promise.all([
      startLocalStack(),
      startApiServer(),
      buildRelay(),
      startHttpServer(() => ({ status: 200 })),
      startHttpServer(() => ({ status: 200 })),
      startDingTalk(ROBOT),
    ]);
    const access = {
      endpoint: localStack.endpoint,
      region: localStack.env.AWS_REGION,
      credentials: {
        accessKeyId: localStack.env.AWS_ACCESS_KEY_ID,
        secretAccessKey: localStack.env.AWS_SECRET_ACCESS_KEY,
      },
    };
    ssm = new SSMClient(access);
    lambda = new LambdaClient(access);
    logs = new CloudWatchLogsClient(access);

    await bootstrap(localStack, { context: CONTEXT });
    const stacks = await deploy(localStack, { context: CONTEXT });
    outputs = parseOutputs(stacks[STACK] ?? {});
    await setDestination('webhook/good', await goodDocument({}));
    await setDestination('webhook/failing', { url: await reachable(failing.url), body: '${ event.name }' });
    await setDestination('dingtalk/team', {
      endpoint: await reachable(dingtalk.url),
      filter: { match: [{ reason: 'OOMKilling' }] },
    });
    const secrets = JSON.stringify({ accessToken: ROBOT.accessToken, signSecret: ROBOT.signSecret });
    await put(`secrets/dingtalk/team`, secrets, 'SecureString');

    relay = spawnRelay(built.file, {
      KUBECONFIG: await writeKubeconfig(folder, apiServer.url),
      QUEUE_URL: outputs.ingestQueueUrl,
      AWS_ENDPOINT_URL: localStack.endpoint,
      CLUSTER_NAME: 'prod-eu',
    });
    await relay.port();
  });

  afterAll(async () => {
    relay?.kill('SIGKILL');
    await relay?.exited;
    for (const client of [ssm, lambda, logs]) client?.destroy();
    if (localStack?.origin === 'found') await destroy(localStack, { context: CONTEXT });
    await Promise.all([localStack, good, failing, dingtalk].map((one) => one?.stop()));
    await apiServer?.close();
    for (const forwarder of forwarders) forwarder.close();
    await built?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function reachable(url: string): Promise<string> {
    const forwarded = await forward(localStack, url);
    forwarders.push(forwarded);
    return forwarded.url;
  }

  async function goodDocument(filter: object): Promise<object> {
    return { url: await reachable(good.url), body: '${ event.name }', filter };
  }

  async function put(name: string, value: string, type: 'String' | 'SecureString'): Promise<void> {
    const Name = `${outputs.prefix}/${name}`;
    await ssm.send(new PutParameterCommand({ Name, Value: value, Type: type, Overwrite: true }));
  }

  async function setDestination(id: string, document: object): Promise<void> {
    await put(`destinations/${id}`, JSON.stringify(document), 'String');
  }

  /** An event happens in the cluster. */
  function happens(name: string, reason: string): void {
    const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace: 'payments', name: 'api-7d9f', uid: 'pod-1' };
    const now = new Date().toISOString();
    apiServer.put({
      name,
      namespace: 'payments',
      type: 'Warning',
      reason,
      message: `${reason} of ${name}`,
      involvedObject,
      source: { component: 'kubelet', host: 'node-1' },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }

  /** How often a receiver was sent the event of a name. */
  function times(receiver: HttpServer, name: string): number {
    return receiver.requests.filter(({ body }) => body === JSON.stringify(name)).length;
  }

  async function ops(...args: readonly string[]): Promise<readonly unknown[]> {
    const env = localEnvironment(localStack);
    const output = await runCommand(process.execPath, [OPS, ...args, '--stack', STACK, '--json'], { env });
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const value: unknown = JSON.parse(line);
        return value;
      });
  }

  function consumer(owner: string): ConsumerOutput {
    const found = [outputs.router, ...outputs.sinks].find((each) => each?.owner === owner);
    if (!found) throw new Error(`the stack has no output for ${owner}`);
    return found;
  }

  test('brings an event to a webhook and to a DingTalk group, each by its filter', async () => {
    happens('first', 'OOMKilling');
    happens('second', 'Scheduled');

    await vi.waitFor(() => {
      expect([times(good, 'first'), times(good, 'second')]).toEqual([1, 1]);
      expect(JSON.stringify(dingtalk.messages)).toContain('OOMKilling of first');
    }, PATIENCE);
    expect(JSON.stringify(dingtalk.messages)).not.toContain('second');
    expect(dingtalk.replies).toEqual(dingtalk.messages.map(() => ({ errcode: 0, errmsg: 'ok' })));
  });

  test('retries the one destination that failed, and no other', async () => {
    failing.respond(() => ({ status: times(failing, 'retried') < 2 ? 503 : 200 }));
    happens('retried', 'BackOff');

    await vi.waitFor(() => expect(times(failing, 'retried')).toBe(2), PATIENCE);
    expect(times(good, 'retried')).toBe(1);
  });

  test('dead-letters what a destination refuses with code and detail, and delivers it when it is replayed', async () => {
    failing.respond(({ body }) => (body === '"refused"' ? { status: 422, body: 'unknown field' } : { status: 200 }));
    happens('refused', 'BackOff');

    const letters = await vi.waitFor(async () => {
      const found = await ops('dlq', 'peek', 'webhook');
      expect(found).toHaveLength(1);
      return found;
    }, PATIENCE);
    expect(letters).toMatchObject([{ code: 'http_422', destination: 'webhook/failing', attempts: 1 }]);
    expect(JSON.stringify(letters)).toContain('HTTP 422: unknown field');
    expect(times(failing, 'refused')).toBe(1);

    failing.respond(() => ({ status: 200 }));
    await ops('dlq', 'replay', 'webhook', '--yes');

    await vi.waitFor(() => expect(times(failing, 'refused')).toBe(2), PATIENCE);
    expect(times(good, 'refused')).toBe(1);
    expect(await ops('dlq', 'peek', 'webhook')).toEqual([]);
  });

  // Four attempts within a minute stand for the eight within 45 minutes of a real deployment.
  test('costs no event and no storm of requests when a receiver is down until its events are given up', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `outage-${index}`);
    const perName = (receiver: HttpServer): readonly number[] => names.map((name) => times(receiver, name));
    const each = (count: number): readonly number[] => names.map(() => count);
    failing.respond(() => ({ status: 503 }));
    for (const name of names) happens(name, 'BackOff');

    await vi.waitFor(async () => {
      expect(await ops('dlq', 'peek', 'webhook', '--code', 'http_503', '--limit', '100')).toHaveLength(names.length);
    }, PATIENCE);
    expect(perName(failing)).toEqual(each(MAX_RECEIVES));
    expect(perName(good)).toEqual(each(1));

    failing.respond(() => ({ status: 200 }));
    await ops('dlq', 'replay', 'webhook', '--yes');

    await vi.waitFor(() => expect(perName(failing)).toEqual(each(MAX_RECEIVES + 1)), PATIENCE);
    expect(perName(good)).toEqual(each(1));
    expect(await ops('dlq', 'peek', 'webhook')).toEqual([]);
  });

  test('puts an edit of a parameter in force without a deployment', async () => {
    await setDestination('webhook/good', await goodDocument({ drop: [{ reason: 'Dropped' }] }));

    let number = 0;
    await vi.waitFor(async () => {
      number += 1;
      const name = `dropped-${number}`;
      happens(name, 'Dropped');
      happens(`kept-${number}`, 'Kept');
      // Once both of the other's are there, only an edit can keep this one's away.
      await vi.waitFor(() => {
        expect([times(failing, name), times(failing, `kept-${number}`)]).toEqual([1, 1]);
        expect(times(good, `kept-${number}`)).toBe(1);
      }, PATIENCE);
      expect(times(good, name)).toBe(0);
    }, PATIENCE);
  });

  test('keeps the last good version of a badly edited parameter in force, in new execution environments too', async () => {
    await setDestination('webhook/good', { url: 5, filter: { match: [{ reson: 'x' }] } });
    for (const { functionName } of [consumer('webhook'), consumer('router')]) await renewEnvironments(functionName);
    happens('after', 'BackOff');
    happens('dropped-after', 'Dropped');

    await vi.waitFor(() => {
      expect([times(good, 'after'), times(failing, 'after'), times(failing, 'dropped-after')]).toEqual([1, 1, 1]);
    }, PATIENCE);
    expect(times(good, 'dropped-after')).toBe(0);
    for (const owner of ['webhook', 'router']) {
      await vi.waitFor(
        async () => expect(await logOf(owner)).toMatch(/needs repair.*destinations\/webhook\/good/),
        PATIENCE,
      );
    }
  });

  test('ends the relay with exit code 0 on SIGTERM', async () => {
    relay.kill('SIGTERM');

    expect(await relay.exited).toBe(0);
  });

  /** A changed variable makes the next invocation a cold start. */
  async function renewEnvironments(functionName: string): Promise<void> {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
    const Variables = { ...Environment?.Variables, RENEWED: String(Date.now()) };
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Environment: { Variables } }),
    );
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60 }, { FunctionName: functionName });
  }

  async function logOf(owner: string): Promise<string> {
    // LocalStack ignores a function's own log group.
    const logGroupName = `/aws/lambda/${consumer(owner).functionName}`;
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    return events.map(({ message }) => message).join('\n');
  }
});
