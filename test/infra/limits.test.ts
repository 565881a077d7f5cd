import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, type SinkConfig } from '../../functions/core/contract/config.ts';
import { listOf, recordOf } from '../../functions/core/contract/untrusted.ts';
import { sinkTypes } from '../../infra/discover.ts';
import { parseSettings } from '../../infra/stack/settings.ts';
import { KubeCourierStack } from '../../infra/stack/stack.ts';
import { LONG_NAMES } from './long-names.ts';
import { synthesise, type Context } from './synthesise.ts';

// Many synthesis runs: each takes a second where processors are shared.
vi.setConfig({ testTimeout: 300_000 });

/** The longest that AWS makes of a reference, by type of resource and attribute. */
const LONGEST: Readonly<Record<string, string>> = {
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::URLSuffix': 'amazonaws.com.cn',
  'AWS::SQS::Queue.Ref': `https://sqs.ap-southeast-1.amazonaws.com.cn/123456789012/${'q'.repeat(80)}`,
  'AWS::SQS::Queue.QueueName': 'q'.repeat(80),
  'AWS::SQS::Queue.Arn': `arn:aws-us-gov:sqs:ap-southeast-1:123456789012:${'q'.repeat(80)}`,
  'AWS::Lambda::Function.Ref': 'f'.repeat(64),
  'AWS::Lambda::EventSourceMapping.Ref': 'e'.repeat(36),
  // The stack's name, the logical id and thirteen more.
  'AWS::Logs::LogGroup.Ref': 'l'.repeat(60 + 20 + 13),
  'AWS::IAM::Role.Arn': `arn:aws-us-gov:iam::123456789012:role/${'r'.repeat(64)}`,
  'AWS::IAM::User.Ref': 'u'.repeat(64),
  'AWS::S3::Bucket.Ref': 'b'.repeat(63),
  'AWS::EC2::EIP.PublicIp': '255.255.255.255',
};

/** A value of a template as it will be at the most. */
function resolved(value: unknown, template: Template): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = Object(value);
  if (Array.isArray(join)) return join[1].map((part: unknown) => resolved(part, template)).join(join[0]);
  const [id, name] = Array.isArray(attribute) ? attribute : [ref, 'Ref'];
  const type = template.toJSON()['Resources'][id]?.Type;
  const longest = LONGEST[type === undefined ? id : `${type}.${name}`];
  if (longest === undefined) throw new Error(`how long can it be: ${JSON.stringify(value)} of ${type}`);
  return longest;
}

interface Long {
  readonly what: string;
  readonly length: number;
  readonly limit: number;
}

/** Everything in a template that AWS bounds, with its bound. */
function bounded(template: Template): readonly Long[] {
  const { Resources, Outputs } = template.toJSON();
  const resources = Object.entries(recordOf(Resources));
  const outputs = Object.entries(recordOf(Outputs));
  const long = (what: string, value: unknown, limit: number): readonly Long[] =>
    value === undefined ? [] : [{ what, length: resolved(value, template).length, limit }];
  return [
    ...resources.flatMap(([id, resource]) => {
      const { Type, Properties } = recordOf(resource);
      const properties = recordOf(Properties);
      const variables = Object.entries(recordOf(recordOf(properties['Environment'])['Variables']));
      const environment = variables.map(([name, value]) => name + resolved(value, template)).join('');
      return [
        ...long('logical id', id, 255),
        ...long(`alarm ${id}`, properties['AlarmDescription'], 1024),
        ...listOf(properties['Metrics']).flatMap((metric) => long(id, recordOf(metric)['Expression'], 1024)),
        ...long(`description of ${id}`, properties['Description'], Type === 'AWS::IAM::Role' ? 1000 : 256),
        ...long(`display name of ${id}`, properties['DisplayName'], 100),
        ...long(`description of ${id}`, properties['GroupDescription'], 255),
        ...long(`environment of ${id}`, environment, 4096),
      ];
    }),
    ...outputs.flatMap(([key, output]) => [
      ...long('key of an output', key, 255),
      ...long(`value of output ${key}`, recordOf(output)['Value'], 1024),
      ...long(`description of output ${key}`, recordOf(output)['Description'], 1024),
    ]),
    { what: 'resources', length: resources.length, limit: 500 },
    { what: 'outputs', length: outputs.length, limit: 200 },
    { what: 'template', length: JSON.stringify(template.toJSON()).length, limit: 1024 * 1024 },
  ];
}

function tooLong(template: Template): readonly Long[] {
  return bounded(template).filter(({ length, limit }) => length > limit);
}

// Nothing is longer for other sinks than for those of the longest names.
const byLength = sinkTypes().toSorted((a, b) => b.length - a.length);

test.each(sinkTypes().map((_, index) => index + 1))(
  '%i sinks and names of 60 characters are within every limit',
  (count) => {
    const template = synthesise({ ...LONG_NAMES, sinks: byLength.slice(0, count) });

    expect(tooLong(template)).toEqual([]);
  },
);

test('a description that is one character too long is noticed', () => {
  const template = Template.fromJSON({
    Resources: {
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { AlarmDescription: { 'Fn::Join': ['', ['x'.repeat(961), { Ref: 'Function' }]] } },
      },
      Function: { Type: 'AWS::Lambda::Function', Properties: {} },
    },
  });

  expect(tooLong(template)).toEqual([{ what: 'alarm Alarm', length: 1025, limit: 1024 }]);
});

/** A stack of sink types that do not exist. */
function invented(count: number, context: Context = {}): Template {
  const configs: readonly SinkConfig[] = Array.from({ length: count }, (_, index) =>
    defineConfig({
      type: `invented-${String(index).padStart(2, '0')}`,
      title: 'Invented',
      chat: index % 2 === 0,
      options: z.strictObject({}),
      secrets: z.strictObject({}),
      codes: {},
    }),
  );
  const all = { sinks: configs.map(({ type }) => type), alarmEmail: 'on-call@example.com', ...context };
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  return Template.fromStack(new KubeCourierStack(app, { settings: parseSettings(all, configs) }));
}

function resources(template: Template): number {
  return Object.keys(template.toJSON()['Resources']).length;
}

test('a sink type takes at most 12 resources', () => {
  expect((resources(invented(9)) - resources(invented(1))) / 8).toBeLessThanOrEqual(12);
});

test('forty sink types fit into one stack, with room for as many clusters, a network and what comes', () => {
  const clusters = Array.from({ length: 10 }, (_, index) => ({
    name: `c${index}`,
    identity: 'pod-identity',
    eksCluster: 'c',
  }));
  const template = invented(40, { clusters, vpc: 'new' });

  expect(tooLong(template)).toEqual([]);
  expect(resources(template)).toBeLessThan(475);
});
