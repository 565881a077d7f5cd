import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleContext, sampleEventIn } from '../../functions/core/contract/sample.ts';
import { archiveLine } from '../../functions/sinks/s3/line.ts';
import { permissions, resource, resources, rightsOfASink, shorten } from './roles.ts';
import { createStack, synthesise, type Context } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.

function counts(template: Template): Readonly<Record<string, number>> {
  const all: Readonly<Record<string, { readonly Type: string }>> = template.toJSON()['Resources'];
  const groups = Object.groupBy(Object.values(all), ({ Type }) => Type);
  return Object.fromEntries(Object.entries(groups).map(([type, found]) => [type, found?.length ?? 0]));
}

describe('a stack with the sinks log and dingtalk', () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise({ sinks: 'log,dingtalk' });
  });

  test('has queues and functions for the router and these two types, and for no other', () => {
    expect(counts(template)).toMatchObject({
      'AWS::SQS::Queue': 6,
      'AWS::Lambda::Function': 3,
      'AWS::Lambda::EventSourceMapping': 3,
      'AWS::Logs::LogGroup': 2,
      'AWS::IAM::Role': 3,
    });
    expect(counts(template)).not.toHaveProperty('AWS::EC2::VPC');
  });

  test('no policy hangs on a role from outside, and none is managed by AWS', () => {
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    for (const [, role] of resources(template, 'AWS::IAM::Role')) expect(role['ManagedPolicyArns']).toBeUndefined();
  });

  test("the router's role reads destinations and silences but no secret, consumes the ingest queue, and sends to queues and dead letters", () => {
    expect(permissions(resource(template, 'AWS::IAM::Role', 'Router'))).toEqual([
      'logs:CreateLogStream on Logs.Arn',
      'logs:PutLogEvents on Logs.Arn',
      'sqs:ChangeMessageVisibility on IngestQueue.Arn',
      'sqs:DeleteMessage on IngestQueue.Arn',
      'sqs:GetQueueAttributes on IngestQueue.Arn',
      'sqs:ReceiveMessage on IngestQueue.Arn',
      'sqs:SendMessage on IngestDeadLetters.Arn',
      'sqs:SendMessage on IngestQueue.Arn',
      'sqs:SendMessage on sinkdingtalkQueuesQueue.Arn',
      'sqs:SendMessage on sinklogQueuesQueue.Arn',
      'ssm:GetParameterHistory on ssm:parameter/kube-courier/destinations',
      'ssm:GetParameterHistory on ssm:parameter/kube-courier/destinations/*',
      'ssm:GetParametersByPath on ssm:parameter/kube-courier/destinations',
      'ssm:GetParametersByPath on ssm:parameter/kube-courier/destinations/*',
      'ssm:GetParametersByPath on ssm:parameter/kube-courier/silences',
      'ssm:GetParametersByPath on ssm:parameter/kube-courier/silences/*',
    ]);
  });

  test("a chat's role reads its own type's destinations and secrets, and silences, consumes its own queue, and writes its dead letters", () => {
    expect(permissions(resource(template, 'AWS::IAM::Role', 'sinkdingtalk'))).toEqual(
      [
        ...rightsOfASink('dingtalk'),
        'ssm:GetParametersByPath on ssm:parameter/kube-courier/silences',
        'ssm:GetParametersByPath on ssm:parameter/kube-courier/silences/*',
      ].toSorted(),
    );
  });

  test('a sink that silences do not hold may not read them', () => {
    expect(permissions(resource(template, 'AWS::IAM::Role', 'sinklog')).join()).not.toContain('silences');
  });

  test('every function is a self-contained module for Node 24 on arm64, in a role of its own', () => {
    for (const [, properties] of resources(template, 'AWS::Lambda::Function')) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 256,
        Timeout: 60,
        RecursiveLoop: 'Allow',
      });
    }
    const roles = resources(template, 'AWS::Lambda::Function').map(([, { Role }]) => shorten(Role));
    expect(new Set(roles).size).toBe(3);
  });

  test('functions find queues and destinations in their environment', () => {
    expect(resource(template, 'AWS::Lambda::Function', 'Router')['Environment']).toEqual({
      Variables: {
        DESTINATIONS: 'ssm:/kube-courier',
        METRICS_BY: 'sink',
        SINK_QUEUES: {
          'Fn::Join': [
            '',
            [
              '{"dingtalk":"',
              { Ref: expect.stringMatching(/^sinkdingtalkQueuesQueue/) },
              '","log":"',
              { Ref: expect.stringMatching(/^sinklogQueuesQueue/) },
              '"}',
            ],
          ],
        },
        DEAD_LETTER_QUEUE_URL: { Ref: expect.stringMatching(/^IngestDeadLetters/) },
      },
    });
    expect(resource(template, 'AWS::Lambda::Function', 'sinklog')['Environment']).toEqual({
      Variables: {
        DESTINATIONS: 'ssm:/kube-courier',
        METRICS_BY: 'sink',
        QUEUE_URL: { Ref: expect.stringMatching(/^sinklogQueuesQueue/) },
        DEAD_LETTER_QUEUE_URL: { Ref: expect.stringMatching(/^sinklogQueuesDeadLetters/) },
        MAX_RECEIVES: '8',
        RETRY_BASE_SECONDS: '30',
      },
    });
  });

  test('queues are encrypted, hold 1 MiB, and outlive the stack', () => {
    const queues = Object.values(template.findResources('AWS::SQS::Queue'));

    for (const { Properties, DeletionPolicy, UpdateReplacePolicy } of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MaximumMessageSize: 1_048_576 });
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('a message is hidden for six timeouts and the window, kept a week, and a letter two', () => {
    const chat = resource(template, 'AWS::SQS::Queue', 'sinkdingtalkQueuesQueue');
    const letters = resource(template, 'AWS::SQS::Queue', 'sinkdingtalkQueuesDeadLetters');

    expect(chat).toMatchObject({ VisibilityTimeout: 365, MessageRetentionPeriod: 604_800 });
    expect(chat['RedrivePolicy']).toMatchObject({ maxReceiveCount: 11 });
    expect(letters['MessageRetentionPeriod']).toBe(1_209_600);
  });

  test('queues keep the logical ids they have had: under another one, an update would leave them and their events behind', () => {
    expect(Object.keys(template.findResources('AWS::SQS::Queue'))).toEqual([
      'sinkdingtalkQueuesDeadLettersDC000ED1',
      'sinkdingtalkQueuesQueue718B2DAE',
      'sinklogQueuesDeadLetters3FE0900A',
      'sinklogQueuesQueue3225F171',
      'IngestDeadLetters1228E37E',
      'IngestQueue95F6DB49',
    ]);
  });

  test("queues' tags say whose they are", () => {
    expect(resource(template, 'AWS::SQS::Queue', 'sinklogQueuesDeadLetters')['Tags']).toEqual([
      { Key: 'kube-courier', Value: 'kube-courier' },
      { Key: 'kube-courier/owner', Value: 'log' },
      { Key: 'kube-courier/queue', Value: 'dead-letters' },
    ]);
  });

  test('a batch that fails in part is repeated in part, and a chat gets few and full batches', () => {
    const log = resource(template, 'AWS::Lambda::EventSourceMapping', 'sinklog');
    const chat = resource(template, 'AWS::Lambda::EventSourceMapping', 'sinkdingtalk');

    expect(log).toMatchObject({ BatchSize: 10, ScalingConfig: { MaximumConcurrency: 2 } });
    expect(log['MaximumBatchingWindowInSeconds']).toBeUndefined();
    expect(chat).toMatchObject({ MaximumBatchingWindowInSeconds: 5, ScalingConfig: { MaximumConcurrency: 2 } });
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('what bears its tag is what may: not every partition knows tags of event source mappings', () => {
    const isTagged = (type: string) => resources(template, type).map(([, { Tags }]) => JSON.stringify(Tags ?? null));

    expect(isTagged('AWS::Lambda::EventSourceMapping')).toEqual(['null', 'null', 'null']);
    expect(isTagged('AWS::Lambda::Function').join()).toContain('"Key":"kube-courier"');
    expect(createStack({ sinks: 'log' }).stack.tags.hasTags()).toBe(false);
  });

  test('logs end after a month', () => {
    const groups = resources(template, 'AWS::Logs::LogGroup');

    expect(groups.map(([, { RetentionInDays }]) => RetentionInDays)).toEqual([30, 30]);
  });

  test("functions share a log, but for a sink whose deliveries are in it: an event's text must not pass for a function's word", () => {
    const groupOf = (prefix: string) =>
      shorten(Object(resource(template, 'AWS::Lambda::Function', prefix)['LoggingConfig']).LogGroup);

    expect(groupOf('sinkdingtalk')).toBe(groupOf('Router'));
    expect(groupOf('sinklog')).toMatch(/^sinklogLogs/);
    for (const [, { LogGroupName }] of resources(template, 'AWS::Logs::MetricFilter'))
      expect(shorten(LogGroupName)).toBe(groupOf('Router'));
  });

  test('Lambda writes of itself only what has failed, and leaves the log of deliveries as it is', () => {
    const loggingOf = (prefix: string) => resource(template, 'AWS::Lambda::Function', prefix)['LoggingConfig'];

    expect(loggingOf('Router')).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
    expect(loggingOf('sinkdingtalk')).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
    expect(loggingOf('sinklog')).not.toHaveProperty('LogFormat');
  });

  test('nothing in it is bound to one partition or region', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/arn:aws|us-east-1|amazonaws\.com\//);
  });
});

describe('context', () => {
  test('adds statements to the role of a sink that signs for AWS, and to no other', () => {
    const statement = {
      actions: ['events:PutEvents'],
      resources: ['arn:aws-cn:events:cn-north-1:123456789012:event-bus/x'],
    };
    const template = synthesise({ sinks: 'log,webhook', 'sinks.webhook.policy': [statement] });

    const of = (prefix: string) => permissions(resource(template, 'AWS::IAM::Role', prefix)).join('\n');
    expect(of('sinkwebhook')).toContain('events:PutEvents on arn:aws-cn:events:cn-north-1:123456789012:event-bus/x');
    expect(of('sinklog')).not.toContain('events:PutEvents');
  });

  test('puts the sinks, and not the router, into subnets that exist', () => {
    const vpc = { subnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'], securityGroupIds: ['sg-0a1b2c3d'] };
    const template = synthesise({ vpc });

    expect(resource(template, 'AWS::Lambda::Function', 'sinklog')['VpcConfig']).toEqual({
      SubnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
      SecurityGroupIds: ['sg-0a1b2c3d'],
    });
    expect(resource(template, 'AWS::Lambda::Function', 'Router')['VpcConfig']).toBeUndefined();
    expect(permissions(resource(template, 'AWS::IAM::Role', 'sinklog'))).toContain('ec2:CreateNetworkInterface on *');
    template.resourceCountIs('AWS::EC2::VPC', 0);
  });

  test('gives the sinks a VPC with one fixed address', () => {
    const template = synthesise({ vpc: 'new' });

    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::EIP', 1);
    template.hasResourceProperties('AWS::EC2::NatGateway', {
      AllocationId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkAddress'), 'AllocationId'] },
    });
    template.hasOutput('EgressAddress', { Value: { 'Fn::GetAtt': [Match.anyValue(), 'PublicIp'] } });
    expect(resource(template, 'AWS::Lambda::Function', 'sinklog')['VpcConfig']).toMatchObject({
      SubnetIds: [{ Ref: expect.any(String) }, { Ref: expect.any(String) }],
    });
  });

  test('lets the zones of that VPC be chosen', () => {
    const template = synthesise({ vpc: { zones: ['us-east-1b', 'us-east-1d', 'us-east-1f'] } });

    const zones = resources(template, 'AWS::EC2::Subnet').map(([, { AvailabilityZone }]) => AvailabilityZone);
    expect(zones.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'us-east-1b',
      'us-east-1b',
      'us-east-1d',
      'us-east-1d',
      'us-east-1f',
      'us-east-1f',
    ]);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
  });

  test('makes stacks of other names that share nothing', () => {
    const first = createStack().stack;
    const second = createStack({ stackName: 'events-eu' }).stack;

    expect([first.stackName, second.stackName]).toEqual(['kube-courier', 'events-eu']);
    const template = synthesise({ stackName: 'events-eu' });
    expect(JSON.stringify(template.toJSON())).not.toContain('/kube-courier/');
    expect(resource(template, 'AWS::Lambda::Function', 'Router')).toMatchObject({
      Environment: { Variables: { DESTINATIONS: 'ssm:/events-eu' } },
    });
  });

  test('overrides the settings of queues and functions', () => {
    const template = synthesise({
      timeoutSeconds: '2',
      maxReceives: '3',
      retryBaseSeconds: '5',
      retentionDays: '1',
      deadLetterRetentionDays: '2',
      logRetentionDays: '7',
      'router.memoryMb': '512',
      dashboard: 'false',
    });

    expect(resource(template, 'AWS::SQS::Queue', 'sinklogQueuesQueue')).toMatchObject({
      VisibilityTimeout: 12,
      MessageRetentionPeriod: 86_400,
      RedrivePolicy: { maxReceiveCount: 6 },
    });
    expect(resource(template, 'AWS::SQS::Queue', 'sinklogQueuesDeadLetters')['MessageRetentionPeriod']).toBe(172_800);
    expect(resource(template, 'AWS::Lambda::Function', 'sinklog')).toMatchObject({
      Timeout: 2,
      Environment: { Variables: { MAX_RECEIVES: '3', RETRY_BASE_SECONDS: '5' } },
    });
    expect(resource(template, 'AWS::Lambda::Function', 'Router')['MemorySize']).toBe(512);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});

describe('the archive of the sink s3', () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise({ sinks: 's3,log', archiveDays: '90' });
  });

  test('is a private, encrypted bucket that stays, and ends what is old', () => {
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(resource(template, 'AWS::S3::Bucket', 'ArchiveBucket')).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: 90, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
        ],
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('may be written by its sink, which can do nothing else to it, and by no other', () => {
    const of = (prefix: string) =>
      permissions(resource(template, 'AWS::IAM::Role', prefix)).filter((each) => each.includes('s3:'));

    expect(of('sinks3')).toEqual([
      expect.stringMatching(/^s3:PutObject on ArchiveBucket\w*\.Arn\/\*$|^s3:PutObject on .*\/\*$/),
    ]);
    expect(of('sinklog')).toEqual([]);
    expect(of('Router')).toEqual([]);
  });

  test('gathers for five minutes', () => {
    expect(resource(template, 'AWS::Lambda::EventSourceMapping', 'sinks3')).toMatchObject({
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 300,
    });
  });

  test('is a table whose partitions are found by their paths', () => {
    const { TableInput } = resource(template, 'AWS::Glue::Table', 'ArchiveTable');
    const { Parameters, PartitionKeys, StorageDescriptor } = Object(TableInput);

    expect(PartitionKeys).toEqual(['cluster', 'date', 'hour'].map((Name) => ({ Name, Type: 'string' })));
    expect(Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.cluster.type': 'injected',
      'projection.date.range': 'NOW-90DAYS,NOW',
    });
    expect(shorten(Parameters['storage.location.template'])).toMatch(
      /^s3:\/\/ArchiveBucket\w*\/events\/cluster=\$\{cluster\}\/date=\$\{date\}\/hour=\$\{hour\}$/,
    );
    const names = Array.from<{ readonly Name: string }>(StorageDescriptor.Columns).map(({ Name }) => Name);
    // What is no partition, and is in a line: the SerDe compares in lower case.
    const line: Readonly<Record<string, unknown>> = JSON.parse(archiveLine(sampleEventIn(sampleContext)));
    const inLine = Object.keys(line).map((name) => name.toLowerCase());
    expect(names.toSorted()).toEqual(inLine.filter((name) => !['v', 'cluster', 'seen'].includes(name)).toSorted());
  });

  test('is told by outputs', () => {
    const { ArchiveBucket, ArchiveTable } = template.findOutputs('*');

    expect(ArchiveBucket).toMatchObject({ Value: { Ref: expect.stringMatching(/^ArchiveBucket/) } });
    expect(ArchiveTable).toMatchObject({ Value: 'kube_courier.events' });
  });

  test('is not made where another bucket is named: the sink may write below that alone', () => {
    const other = synthesise({ sinks: 's3', 'sinks.s3.targets': ['arn:aws:s3:::example-events/archive'] });

    other.resourceCountIs('AWS::S3::Bucket', 0);
    other.resourceCountIs('AWS::Glue::Table', 0);
    const allowed = permissions(resource(other, 'AWS::IAM::Role', 'sinks3')).filter((each) => each.includes('s3:'));
    expect(allowed).toEqual(['s3:PutObject on arn:aws:s3:::example-events/archive/*']);
  });
});

describe("a cluster's relay", () => {
  const mayOnlySend = ['sqs:SendMessage on IngestQueue.Arn'];

  function relay(cluster: Context): Template {
    return synthesise({ clusters: [{ name: 'prod', ...cluster }] });
  }

  test('takes its role by Pod Identity, from this EKS cluster and service account alone', () => {
    const template = relay({ identity: 'pod-identity', eksCluster: 'prod-eks' });
    const role = resource(template, 'AWS::IAM::Role', 'Relaysprod');

    expect(permissions(role)).toEqual(mayOnlySend);
    expect(shorten(role['AssumeRolePolicyDocument'])).toBe(
      '{Statement:[{Action:[sts:AssumeRole,sts:TagSession],Condition:{StringEquals:{aws:RequestTag/eks-cluster-arn:eks:cluster/prod-eks,' +
        'aws:RequestTag/kubernetes-namespace:kube-courier,aws:RequestTag/kubernetes-service-account:kube-courier-relay}},' +
        'Effect:Allow,Principal:{Service:pods.eks.amazonaws.com}}],Version:2012-10-17}',
    );
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', {
      ClusterName: 'prod-eks',
      Namespace: 'kube-courier',
      ServiceAccount: 'kube-courier-relay',
    });
  });

  test("takes its role by the cluster's own OIDC issuer, as this service account alone", () => {
    const providerArn = 'arn:aws-cn:iam::123456789012:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/AB';
    const template = relay({ identity: 'irsa', providerArn, namespace: 'ops', serviceAccount: 'events' });
    const role = resource(template, 'AWS::IAM::Role', 'Relaysprod');

    expect(permissions(role)).toEqual(mayOnlySend);
    expect(role['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: providerArn },
          Condition: {
            StringEquals: {
              'oidc.eks.cn-north-1.amazonaws.com.cn/id/AB:sub': 'system:serviceaccount:ops:events',
              'oidc.eks.cn-north-1.amazonaws.com.cn/id/AB:aud': 'sts.amazonaws.com',
            },
          },
        },
      ],
    });
  });

  test('is a user without a key where there is no better identity: the key is never in the stack', () => {
    const template = relay({ identity: 'access-key' });

    template.resourceCountIs('AWS::IAM::User', 1);
    template.resourceCountIs('AWS::IAM::AccessKey', 0);
    expect(permissions({ Policies: [resource(template, 'AWS::IAM::Policy', 'Relaysprod')] })).toEqual(mayOnlySend);
  });

  test('has its own ways where none is listed', () => {
    const template = relay({});

    expect(counts(template)).toMatchObject({ 'AWS::IAM::Role': 2 });
    expect(counts(template)).not.toHaveProperty('AWS::IAM::User');
  });
});
