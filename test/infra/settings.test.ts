import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig } from '../../functions/core/contract/config.ts';
import { loadConfigs, loadSink, sinkTypes } from '../../infra/discover.ts';
import { ContextError, parseSettings } from '../../infra/stack/settings.ts';

const parts = { options: z.strictObject({}), secrets: z.strictObject({}), codes: {} };
const configs = [
  defineConfig({ ...parts, type: 'bell', title: 'Bell', chat: true }),
  defineConfig({ ...parts, type: 'log', title: 'Log', chat: false }),
  defineConfig({ ...parts, type: 'store', title: 'Store', chat: false, runtime: { batchSize: 200, windowSeconds: 2 } }),
  defineConfig({ ...parts, type: 'pager', title: 'Pager', chat: false, pager: true, runtime: { batchSize: 3 } }),
];

function settings(context: Readonly<Record<string, unknown>> = {}) {
  return parseSettings(context, configs);
}

function mistakes(context: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    settings(context);
  } catch (error) {
    if (error instanceof ContextError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('without context, one sink type is enabled and every setting has its default', () => {
  expect(settings()).toEqual({
    stackName: 'kube-courier',
    prefix: '/kube-courier',
    clusters: [],
    pageAtLetters: 10,
    queueAgeMinutes: 30,
    retentionDays: 7,
    deadLetterRetentionDays: 14,
    logRetentionDays: 30,
    archiveDays: 400,
    dashboard: true,
    metricsBy: 'sink',
    removeSinks: [],
    router: {
      timeoutSeconds: 60,
      visibilitySeconds: 360,
      batchSize: 10,
      windowSeconds: 0,
      maxConcurrency: 4,
      memoryMb: 256,
      maxReceives: 8,
      retryBaseSeconds: 30,
    },
    sinks: [
      {
        type: 'log',
        policy: [],
        targets: [],
        ownLog: false,
        silences: false,
        timeoutSeconds: 60,
        visibilitySeconds: 360,
        batchSize: 10,
        windowSeconds: 0,
        maxConcurrency: 2,
        memoryMb: 256,
        maxReceives: 8,
        retryBaseSeconds: 30,
      },
    ],
  });
});

test('a chat reads silences, collects for five seconds in two invocations at most, and the visibility timeout covers the window', () => {
  const [bell] = settings({ sinks: 'bell' }).sinks;

  expect(bell).toMatchObject({
    silences: true,
    batchSize: 100,
    windowSeconds: 5,
    maxConcurrency: 2,
    visibilitySeconds: 365,
  });
});

test('a default batch is one that Lambda takes without the window that was taken away', () => {
  const { sinks } = settings({ sinks: 'bell,store', windowSeconds: 0 });

  expect(sinks.map(({ batchSize }) => batchSize)).toEqual([10, 10]);
});

test('what is set for all does not raise the concurrency of a chat or pager, between whose invocations a rate is shared', () => {
  const { sinks } = settings({ sinks: 'bell,log,pager', maxConcurrency: 40 });

  expect(sinks.map(({ type, maxConcurrency }) => [type, maxConcurrency])).toEqual([
    ['bell', 2],
    ['log', 40],
    ['pager', 2],
  ]);
});

test('every sink that keeps a rate is refused a concurrency that its rate does not reckon with', async () => {
  const sinks = await Promise.all(sinkTypes().map(loadSink));
  const paced = sinks.filter((sink) => 'pace' in sink).map(({ config }) => config.type);
  const all = await loadConfigs();

  expect(paced).not.toEqual([]);
  for (const type of paced) {
    expect(() => parseSettings({ sinks: type, [`sinks.${type}.maxConcurrency`]: 3 }, all)).toThrow(ContextError);
  }
});

test('what is set for one type wins over what is set for all, and that over what the sink wishes', () => {
  const context = {
    sinks: ['store', 'log'],
    windowSeconds: '3',
    'sinks.log.windowSeconds': '4',
    'router.batchSize': '5',
  };

  const { router, sinks } = settings(context);

  expect(sinks.map(({ type, batchSize, windowSeconds }) => [type, batchSize, windowSeconds])).toEqual([
    ['log', 10, 4],
    ['store', 200, 3],
  ]);
  expect(router).toMatchObject({ batchSize: 5, windowSeconds: 3 });
});

test('text from the command line means the same as values in cdk.json', () => {
  const fromFile = settings({
    sinks: ['bell', 'log'],
    clusters: [{ name: 'prod', identity: 'none' }],
    dashboard: false,
    vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
    'sinks.log.policy': [{ actions: ['events:PutEvents'], resources: ['*'] }],
  });

  const fromCommandLine = settings({
    sinks: 'bell, log',
    clusters: 'prod',
    dashboard: 'false',
    vpc: '{"subnetIds":["subnet-0a1b2c3d"],"securityGroupIds":["sg-0a1b2c3d"]}',
    'sinks.log.policy': '[{"actions":["events:PutEvents"],"resources":["*"]}]',
  });

  expect(fromCommandLine).toEqual(fromFile);
});

test('the targets of a sink become a statement for exactly them, and others are refused', async () => {
  const real = await loadConfigs();
  const topic = 'arn:aws-cn:sns:cn-north-1:123456789012:events';
  const policyOf = (context: Readonly<Record<string, unknown>>) => parseSettings(context, real).sinks[0]?.policy;

  expect(policyOf({ sinks: 'sns', 'sinks.sns.targets': topic })).toEqual([
    { actions: ['sns:Publish'], resources: [topic] },
  ]);
  const group = 'arn:aws:logs:eu-west-1:123456789012:log-group:/kubernetes/events';
  expect(policyOf({ sinks: ['cloudwatch-logs'], 'sinks.cloudwatch-logs.targets': [group] })).toEqual([
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${group}:*`] },
  ]);
  for (const arn of ['*', 'arn:aws:sns:eu-west-1:123456789012:*', 'arn:aws:sqs:eu-west-1:123456789012:events'])
    expect(() => policyOf({ sinks: 'sns', 'sinks.sns.targets': arn })).toThrow(
      `sinks.sns.targets names "${arn}", expected the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:events`,
    );
  expect(() => policyOf({ sinks: 'webhook', 'sinks.webhook.targets': topic })).toThrow(
    'sinks.webhook.targets is not for webhook, which writes to no resource of AWS',
  );
});

test('a stack of another name has parameters of its own', () => {
  expect(settings({ stackName: 'events-eu' }).prefix).toBe('/events-eu');
  expect(settings({ stackName: 'events-eu', prefix: '/shared/events' }).prefix).toBe('/shared/events');
});

test('the context of the CDK itself is left alone', () => {
  const context = { '@aws-cdk/core:checkSecretUsage': true, 'aws:cdk:bundling-stacks': [], 'cli-telemetry': false };

  expect(settings(context)).toEqual(settings());
});

test.each([
  [
    { sinks: 'bel' },
    ['sinks names "bel": there is no such sink type (did you mean bell? there are: bell, log, store, pager)'],
  ],
  [{ sinks: 'xyz' }, ['sinks names "xyz": there is no such sink type (there are: bell, log, store, pager)']],
  [{ sinks: 'log,log' }, ['sinks names log twice']],
  [{ sinks: '' }, ['sinks expected at least one sink type']],
  [{ clusters: 'a,a' }, ['clusters names a twice']],
  [{ clusters: '[{"name": "a",}]' }, ['clusters is not JSON: syntax error at line 1, column 15']],
  [{ 'sinks.log.policy': '[{' }, ['sinks.log.policy is not JSON: syntax error at line 1, column 3']],
  [{ clusters: 'a/b' }, ["clusters[0].name expected the relay's CLUSTER_NAME, such as prod-eu"]],
  [{ clusters: [{ name: 'a', identity: 'irsa' }] }, ['clusters[0].providerArn is missing (expected string)']],
  [{ alarmEmial: 'a@b.c' }, ['alarmEmial is not a known setting (did you mean alarmEmail?)']],
  [{ alarmEmail: 'nobody' }, ['alarmEmail expected an e-mail address']],
  [{ prefix: 'kube-courier' }, ['prefix expected a parameter path such as /kube-courier']],
  [{ prefix: '/aws/events' }, ['prefix SSM reserves names that begin with aws or ssm']],
  [{ 'sinks.log.batchSise': 1 }, ['sinks.log.batchSise is not a known setting (did you mean batchSize?)']],
  [
    { 'sinks.logs.batchSize': 1 },
    [expect.stringMatching(/^sinks\.logs\.batchSize names "logs": .*did you mean log\?/)],
  ],
  [{ 'sinks.log.batchSize': 20 }, ['sinks.log.batchSize is 20; above 10 Lambda wants a windowSeconds of at least 1']],
  [
    { sinks: 'bell', 'sinks.bell.maxConcurrency': 10 },
    [
      expect.stringMatching(
        /^sinks\.bell\.maxConcurrency is 10; a chat or pager runs at most 2 invocations at once, .* rate .*windowSeconds/,
      ),
    ],
  ],
  [{ visibilitySeconds: 30 }, expect.arrayContaining([expect.stringMatching(/less than timeoutSeconds, 60/)])],
  [{ maxReceives: 900 }, expect.arrayContaining([expect.stringMatching(/retries would last 10\.\d days/)])],
  [{ vpc: { zones: ['eu-west-1'] } }, ['vpc.zones[0] expected an availability zone such as eu-west-1a']],
  [{ logRetentionDays: 31 }, [expect.stringMatching(/^logRetentionDays expected one of 1\|3\|5/)]],
  [
    { 'sinks.log.policy': [{ actions: ['*'], resources: ['*'] }] },
    [expect.stringMatching(/policy\[0\]\.actions\[0\]/)],
  ],
])('names the mistake in %j', (context, messages) => {
  expect(mistakes(context)).toEqual(messages);
});

test('all mistakes are told at once', () => {
  expect(mistakes({ alarmEmial: 'a@b.c', batchSize: 0, alarmEmail: 'nobody' })).toHaveLength(3);
});
