import * as z from 'zod/mini';
import { defineConfig, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:sns:eu-west-1:123456789012:events';
const target: AwsTarget = {
  what: 'topic',
  arn: arnOf('sns', /[A-Za-z0-9_-]{1,256}(?:\.fifo)?/),
  expected: `the ARN of a topic, such as ${example}`,
  actions: ['sns:Publish'],
};

export const config = defineConfig({
  type: 'sns',
  title: 'Amazon SNS',
  chat: false,
  options: z.strictObject({
    topicArn: targetField(target, 'The topic, in any account and region.', example),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 1 },
  target,
  codes: awsCodes('sns', target),
});
