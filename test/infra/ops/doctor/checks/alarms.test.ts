import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAccount, TOPIC, type Account } from '../account.ts';

let aws: Account;

beforeEach(async () => {
  aws = await startAccount();
});

afterEach(() => aws.stop());

function subscribe(...subscriptions: readonly object[]): void {
  aws.answer('ListSubscriptionsByTopic', () => ({ Subscriptions: subscriptions }));
}

const confirmed = { SubscriptionArn: `${TOPIC}:1`, Protocol: 'email', Endpoint: 'on-call@example.com' };
const pending = { SubscriptionArn: 'PendingConfirmation', Protocol: 'email', Endpoint: 'new@example.com' };

describe('subscriptions', () => {
  test('that nobody has confirmed are wrong', async () => {
    subscribe(pending);

    expect(await aws.said('subscriptions')).toEqual([
      'x subscriptions: topic Page: nobody is told, because new@example.com has not confirmed',
      expect.stringContaining('confirm the mail from AWS to new@example.com'),
    ]);
  });

  test('of which one is confirmed are worth knowing', async () => {
    subscribe(confirmed, pending);

    expect((await aws.said('subscriptions'))[0]).toBe(
      '! subscriptions: topic Page: on-call@example.com is told, new@example.com has not confirmed',
    );
  });

  test('that nobody has made are worth knowing', async () => {
    subscribe();

    expect(await aws.said('subscriptions')).toEqual([
      '! subscriptions: topic Page: nobody is told of its alarms',
      `set alarmEmail and deploy, or subscribe to ${TOPIC}`,
    ]);
  });
});

/** Edits the alarms by their names; undefined leaves one out. */
function edit(changes: Readonly<Record<string, object | undefined>>): void {
  aws.change('DescribeAlarms', ({ MetricAlarms }) => ({
    MetricAlarms: Object.values(Object(MetricAlarms)).flatMap((alarm) => {
      const { AlarmName } = Object(alarm);
      if (!Object.hasOwn(changes, AlarmName)) return [alarm];
      return changes[AlarmName] ? [{ ...Object(alarm), ...changes[AlarmName] }] : [];
    }),
  }));
}

describe('alarms', () => {
  test.each([
    ['is in alarm', { StateValue: 'ALARM' }, 'x alarms: in alarm: Gaps'],
    ['tells nobody', { ActionsEnabled: false }, 'x alarms: tell nobody: Gaps'],
    ['was deleted', undefined, 'x alarms: deleted: Gaps'],
    ['has no data', { StateValue: 'INSUFFICIENT_DATA' }, '! alarms: without data: Gaps'],
  ])('are named where one %s', async (_, change, line) => {
    edit({ Gaps: change });

    const run = await aws.doctor();

    expect(run.out).toContain(line);
    expect(run.code).toBe(line.startsWith('x') ? 1 : 0);
  });

  test('are asked for by a hundred, and three are named', async () => {
    aws.answer('ListStackResources', () => ({
      StackResourceSummaries: Array.from({ length: 150 }, (_, n) => ({
        ResourceType: 'AWS::CloudWatch::Alarm',
        PhysicalResourceId: `alarm-${n}`,
      })),
    }));
    edit({});
    aws.change('DescribeAlarms', ({ MetricAlarms }) => ({
      MetricAlarms: Object.values(Object(MetricAlarms)).map((alarm) => ({ ...Object(alarm), StateValue: 'ALARM' })),
    }));

    expect((await aws.said('alarms'))[0]).toBe('x alarms: in alarm: alarm-0, alarm-1, alarm-2 and 147 more');
    expect(aws.asked('DescribeAlarms')).toHaveLength(2);
  });
});
