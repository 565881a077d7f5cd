import * as z from 'zod/mini';
import { defineConfig, field, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/events';
const target: AwsTarget = {
  what: 'Firehose stream',
  arn: arnOf('firehose', /deliverystream\/[A-Za-z0-9_.-]{1,64}/),
  expected: `the ARN of a Firehose stream, such as ${example}`,
  actions: ['firehose:PutRecordBatch'],
};

export const config = defineConfig({
  type: 'firehose',
  title: 'Amazon Data Firehose',
  chat: false,
  options: z.strictObject({
    streamArn: targetField(target, 'The Firehose stream, in any region of the account.', example),
    eventsPerRecord: field(
      z._default(z.int().check(z.gte(1), z.lte(500)), 500),
      'The most events of a record, a line each. 1 where Firehose reads records itself: for OpenSearch, Splunk, Snowflake, and to convert formats.',
      1,
    ),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 5 },
  target,
  codes: awsCodes('firehose', target),
});
