import * as z from 'zod/mini';
import { defineConfig, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:kinesis:eu-west-1:123456789012:stream/events';
const target: AwsTarget = {
  what: 'stream',
  arn: arnOf('kinesis', /stream\/[A-Za-z0-9_.-]{1,128}/),
  expected: `the ARN of a stream, such as ${example}`,
  actions: ['kinesis:PutRecords'],
};

export const config = defineConfig({
  type: 'kinesis',
  title: 'Amazon Kinesis Data Streams',
  chat: false,
  options: z.strictObject({
    streamArn: targetField(target, 'The stream, in any account and region.', example),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 1 },
  target,
  codes: awsCodes('kinesis', target),
});
