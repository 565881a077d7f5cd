import * as z from 'zod/mini';
import { defineConfig, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:sqs:eu-west-1:123456789012:events';
const target: AwsTarget = {
  what: 'queue',
  arn: arnOf('sqs', /[A-Za-z0-9_-]{1,80}(?:\.fifo)?/),
  expected: `the ARN of a queue, such as ${example}`,
  actions: ['sqs:SendMessage'],
};

export const config = defineConfig({
  type: 'sqs',
  title: 'Amazon SQS',
  chat: false,
  options: z.strictObject({
    queueArn: targetField(target, 'The queue, in any account and region.', example),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 1 },
  target,
  codes: awsCodes('sqs', target),
});
