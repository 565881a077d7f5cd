import * as z from 'zod/mini';
import { defineConfig, field, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { arnOf, awsEndpointField, targetField } from '../../core/kit/aws/target.ts';

const example = 'arn:aws:events:eu-west-1:123456789012:event-bus/events';
const target: AwsTarget = {
  what: 'event bus',
  arn: arnOf('events', /event-bus\/[A-Za-z0-9._/-]{1,256}/),
  expected: `the ARN of an event bus, such as ${example}`,
  actions: ['events:PutEvents', 'events:DescribeEventBus'],
};

export const config = defineConfig({
  type: 'eventbridge',
  title: 'Amazon EventBridge',
  chat: false,
  options: z.strictObject({
    busArn: targetField(target, 'The event bus, in any account and region.', example),
    source: field(
      z._default(
        z.string().check(
          z.minLength(1),
          z.maxLength(256),
          z.refine(
            (value) => !value.startsWith('aws.'),
            'expected another beginning than aws., which AWS keeps for itself',
          ),
        ),
        'kube-courier',
      ),
      'The source of the events, for the patterns of rules.',
      'kubernetes.prod',
    ),
    detailType: field(
      z._default(z.string().check(z.minLength(1), z.maxLength(128)), 'Kubernetes Event'),
      'The detail type of the events, for the patterns of rules.',
      'Kubernetes Event',
    ),
    endpoint: awsEndpointField(),
  }),
  secrets: z.strictObject({}),
  runtime: { windowSeconds: 1 },
  target,
  codes: awsCodes('eventbridge', target),
});
