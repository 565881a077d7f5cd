import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfigs } from '../../infra/discover.ts';
import { permissions, resource, resources, rightsOfASink } from './roles.ts';
import { synthesise } from './synthesise.ts';

/** What each sink for a service of AWS may do, and with what: every one of them is here. */
const TARGETS: Readonly<
  Record<string, { readonly arn: string; readonly allows: readonly string[]; readonly below?: string }>
> = {
  'cloudwatch-logs': {
    arn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/kubernetes/events',
    allows: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    below: ':*',
  },
  email: { arn: 'arn:aws:ses:eu-west-1:123456789012:identity/example.com', allows: ['ses:SendEmail'] },
  eventbridge: {
    arn: 'arn:aws:events:eu-west-1:123456789012:event-bus/events',
    allows: ['events:DescribeEventBus', 'events:PutEvents'],
  },
  firehose: {
    arn: 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/events',
    allows: ['firehose:PutRecordBatch'],
  },
  kinesis: { arn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/events', allows: ['kinesis:PutRecords'] },
  s3: { arn: 'arn:aws:s3:::example-events/archive', allows: ['s3:PutObject'], below: '/*' },
  sns: { arn: 'arn:aws:sns:eu-west-1:123456789012:events', allows: ['sns:Publish'] },
  sqs: { arn: 'arn:aws:sqs:eu-west-1:123456789012:events', allows: ['sqs:SendMessage'] },
};

describe('the role of a sink for a service of AWS', () => {
  let template: Template;
  beforeAll(() => {
    const targets = Object.entries(TARGETS).map(([type, { arn }]) => [`sinks.${type}.targets`, arn]);
    template = synthesise({ sinks: ['log', ...Object.keys(TARGETS)].join(','), ...Object.fromEntries(targets) });
  });

  test('is looked at below, whichever sink it is', async () => {
    const withTarget = (await loadConfigs()).filter(({ target }) => target !== undefined);
    expect(withTarget.map(({ type }) => type).toSorted()).toEqual(Object.keys(TARGETS));
  });

  test.each(Object.entries(TARGETS))(
    'lets %s write to its target, and do nothing else',
    (type, { arn, allows, below }) => {
      const role = resource(template, 'AWS::IAM::Role', `sink${type.replaceAll('-', '')}`);
      const silences = ['', '/*'].map((end) => `ssm:GetParametersByPath on ssm:parameter/kube-courier/silences${end}`);
      const expected = [
        ...rightsOfASink(type),
        ...(type === 'email' ? silences : []),
        ...allows.map((action) => `${action} on ${arn}${below ?? ''}`),
      ];

      expect(permissions(role)).toEqual(expected.toSorted());
      expect(role).not.toHaveProperty('ManagedPolicyArns');
      expect(role['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
      });
    },
  );

  test.each(Object.entries(TARGETS))('is the only one that may touch the target of %s', (type, { arn }) => {
    const others = resources(template, 'AWS::IAM::Role').filter(
      ([id]) => !id.startsWith(`sink${type.replaceAll('-', '')}`),
    );
    expect(others.length).toBeGreaterThan(Object.keys(TARGETS).length);
    for (const [, role] of others) expect(JSON.stringify(role)).not.toContain(arn);
    // No policy is attached to a role from outside.
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  test.each(Object.keys(TARGETS).filter((type) => type !== 's3'))(
    'lets %s write nowhere while no target is named',
    (type) => {
      const none = synthesise({ sinks: `log,${type}` });
      const allowed = permissions(resource(none, 'AWS::IAM::Role', `sink${type.replaceAll('-', '')}`));
      expect(allowed.filter((each) => !rightsOfASink(type).includes(each) && !each.includes('/silences'))).toEqual([]);
    },
  );
});
