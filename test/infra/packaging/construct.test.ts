import { App, CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { parseOutputs } from '../../../infra/stack/parse-outputs.ts';
import { settingNames } from '../../../infra/stack/settings.ts';
import { KubeCourier, type KubeCourierProps } from '../../../infra/packaging/construct.ts';
import { plainText } from '../synthesise.ts';

/** A stack of somebody's own, functions left unbuilt. */
function ownStack(): Stack {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  return new Stack(app, 'Shop');
}

function outputsOf(template: Template): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(template.findOutputs('*')).map(([key, { Value }]) => [key, plainText(Value)]),
  );
}

/** Every setting but those of one sink type or the router. */
type Named = {
  readonly [Name in keyof KubeCourierProps as string extends Name ? never : Name]: KubeCourierProps[Name];
};

const everything = {
  sinks: ['log', 'sqs'],
  clusters: ['dev', { name: 'prod', identity: 'access-key' }],
  alarmEmail: 'on-call@example.com',
  prefix: '/shop/events',
  pageAtLetters: 5,
  queueAgeMinutes: 10,
  retentionDays: 3,
  deadLetterRetentionDays: 10,
  logRetentionDays: 14,
  archiveDays: 30,
  dashboard: false,
  metricsBy: 'destination',
  vpc: 'new',
  batchSize: 5,
  windowSeconds: 1,
  maxConcurrency: 3,
  timeoutSeconds: 30,
  visibilitySeconds: 400,
  memoryMb: 512,
  maxReceives: 4,
  retryBaseSeconds: 10,
  'sinks.sqs.targets': ['arn:aws:sqs:eu-west-1:123456789012:audit'],
} satisfies Required<Named> & KubeCourierProps;

test('the construct takes every setting of the file, but for what a stack of somebody else says itself', () => {
  const names = Object.keys(everything).filter((name) => !name.includes('.'));
  expect(names.toSorted()).toEqual(
    settingNames.general.filter((name) => !['stackName', 'removeSinks'].includes(name)).toSorted(),
  );

  const stack = ownStack();
  new KubeCourier(stack, 'KubeCourier', everything);

  const outputs = parseOutputs(outputsOf(Template.fromStack(stack)));
  expect(outputs).toMatchObject({ prefix: '/shop/events', relays: [{ cluster: 'dev' }, { cluster: 'prod' }] });
  expect(outputs.sinks.map(({ owner }) => owner)).toEqual(['log', 'sqs']);
});

test('stands in the stack among what is there, where its commands name the stack', () => {
  const stack = ownStack();
  new Queue(stack, 'Orders');
  new CfnOutput(stack, 'SinkOfTheKitchen', { value: 'blocked' });
  new CfnOutput(stack, 'Relay1', { value: '{"on": false}' });
  const { ingestQueue, pageTopic, ticketTopic } = new KubeCourier(stack, 'KubeCourier');

  const template = Template.fromStack(stack);

  template.resourceCountIs('AWS::Lambda::Function', 2);
  const outputs = outputsOf(template);
  expect(outputs['Next4']).toMatch(/ --stack Shop$/);
  expect(parseOutputs(outputs)).toMatchObject({ prefix: '/Shop', sinks: [{ owner: 'log' }], relays: [] });
  expect(outputs['IngestQueueUrl']).toBe(plainText(stack.resolve(ingestQueue.queueUrl)));
  expect(pageTopic.topicArn).not.toBe(ticketTopic.topicArn);
});

test.each<readonly [object, string]>([
  [{ sink: ['log'] }, 'Shop/KubeCourier: sink is not a known'],
  [{ sinks: ['logg'] }, 'sinks names "logg": there is no such sink type (did you mean log?'],
  [{ stackName: 'other' }, 'Shop/KubeCourier: stackName is the name of the stack that it is in'],
  [{ removeSinks: ['log'] }, 'Shop/KubeCourier: removeSinks is for one deployment'],
])('names what is wrong with %j', (props, message) => {
  expect(() => new KubeCourier(ownStack(), 'KubeCourier', { ...props })).toThrow(message);
});

test('a stack holds one, and a nested stack none', () => {
  const stack = ownStack();
  new KubeCourier(stack, 'One');

  expect(() => new KubeCourier(stack, 'Two')).toThrow('Shop/Two: the stack Shop has a KubeCourier');
  expect(() => new KubeCourier(new NestedStack(stack, 'Nested'), 'Three')).toThrow(
    'Shop/Nested/Three is in a nested stack',
  );
});
