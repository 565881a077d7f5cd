import { Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { sinkTypes } from '../../infra/discover.ts';
import { createStack } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.

const EVERYTHING = {
  sinks: sinkTypes().join(','),
  vpc: 'new',
  alarmEmail: 'on-call@example.com',
  clusters: [
    { name: 'one', identity: 'pod-identity', eksCluster: 'one' },
    { name: 'two', identity: 'irsa', providerArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/2' },
    { name: 'three', identity: 'access-key' },
  ],
  'sinks.log.policy': [{ actions: ['events:Put*'], resources: ['*'] }],
};

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  const { app } = createStack(EVERYTHING);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

  expect(() => app.synth()).not.toThrow();
});

test('fails where cdk-nag finds something', () => {
  const { app, stack } = createStack();
  new Queue(stack, 'Careless');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

  expect(() => app.synth()).toThrow('AwsSolutions-SQS4');
});
