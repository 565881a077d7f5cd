import * as z from 'zod/mini';
import { defineConfig, field, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:logs:eu-west-1:123456789012:log-group:/kubernetes/events';
const target: AwsTarget = {
  what: 'log group',
  arn: arnOf('logs', /log-group:[A-Za-z0-9_/.#-]{1,512}/),
  expected: `the ARN of a log group without the :* at its end, such as ${example}`,
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resourceSuffix: ':*',
};

export const config = defineConfig({
  type: 'cloudwatch-logs',
  title: 'Amazon CloudWatch Logs',
  chat: false,
  options: z.strictObject({
    logGroupArn: targetField(target, 'The log group, in any region of the account.', example),
    logStreamPrefix: field(
      z._default(
        z.string().check(z.regex(/^[^:*]{0,200}$/, 'expected up to 200 characters without : and *')),
        'kube-courier/',
      ),
      "The beginning of the log streams' names; the cluster's name follows. Streams are created when they are first written to.",
      'events/',
    ),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 5 },
  target,
  codes: {
    ...awsCodes('cloudwatch-logs', target),
    too_old: {
      status: 'rejected',
      meaning: 'The event is more than 14 days old, or older than what the log group keeps.',
      advice: 'Drop the letter: CloudWatch Logs takes it no more.',
    },
    too_new: {
      status: 'retry',
      meaning: 'The event is more than two hours ahead of the clock of AWS.',
      advice: 'Nothing: it is sent again when it is due. Correct the clock of the node that the event is from.',
    },
  },
});
