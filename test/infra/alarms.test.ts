import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test, vi } from 'vitest';
import { plainText, synthesise } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type Json = Readonly<Record<string, unknown>>;

let template: Template;
beforeAll(() => {
  template = synthesise({ sinks: 'log', clusters: 'prod', alarmEmail: 'on-call@example.com', pageAtLetters: '25' });
});

function alarms(): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/^Alarms/, '').replace(/[0-9A-F]{8}$/, ''),
      Properties,
    ]),
  );
}

/** Whom an alarm tells, by kind of change. */
function told(alarm: Json | undefined, kind: string): readonly string[] {
  return Array.from<Json>(Object(alarm?.[kind] ?? [])).map((topic) =>
    plainText(topic).replace(/^Alarms|[0-9A-F]{8}$/g, ''),
  );
}

test('the router and each sink type have alarms that page, and alarms that can wait', () => {
  const severities = [...alarms()].map(([id, alarm]) => [id, ...told(alarm, 'AlarmActions')].join(' '));

  expect(severities.toSorted()).toEqual([
    'ConfigErrors Ticket',
    'Gaps Ticket',
    'Heartbeatprod',
    ...['log', 'router'].flatMap((owner) => [
      `${owner}Errors Page`,
      ...(owner === 'log' ? ['logFailing Ticket'] : []),
      `${owner}InFlight Ticket`,
      `${owner}Letters Ticket`,
      `${owner}LettersAge Ticket`,
      `${owner}LettersRate Page`,
      `${owner}QueueAge Ticket`,
      `${owner}Throttles Ticket`,
    ]),
  ]);
});

test('every description says what to do, and where the logs are', () => {
  const descriptions = [...alarms()].map(([id, { AlarmDescription }]) => [id, plainText(AlarmDescription)] as const);
  const without = (pattern: RegExp) => descriptions.filter(([, each]) => !pattern.test(each)).map(([id]) => id);

  expect(without(/npm run -s ops -- |Raise the quota|Log query in/)).toEqual([]);
  expect(without(/Log query in Logs/)).toEqual(['logThrottles', 'routerThrottles', 'Heartbeatprod']);
  // CloudWatch's limit is 1,024; references become names of some 60 characters.
  expect(Math.max(...descriptions.map(([, each]) => each.length))).toBeLessThan(900);
});

test('dead letters page by their rate, and can wait by their number and age', () => {
  expect(alarms().get('logLettersRate')).toMatchObject({
    MetricName: 'NumberOfMessagesSent',
    Statistic: 'Sum',
    Period: 300,
    Threshold: 25,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
  expect(alarms().get('logLetters')).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1 });
  expect(alarms().get('logLettersAge')).toMatchObject({
    MetricName: 'ApproximateAgeOfOldestMessage',
    Threshold: (14 / 2) * 86_400,
  });
});

test("a queue's alarms come long before its limits", () => {
  expect(alarms().get('logInFlight')).toMatchObject({
    MetricName: 'ApproximateNumberOfMessagesNotVisible',
    Threshold: 80_000,
  });
  expect(alarms().get('logQueueAge')).toMatchObject({ Threshold: 1800, EvaluationPeriods: 2 });
});

test('a heartbeat that ends pages, and one that never began does not', () => {
  const alarm = alarms().get('Heartbeatprod');

  expect(alarm).toMatchObject({
    Namespace: 'KubeCourier',
    MetricName: 'Heartbeats',
    Dimensions: [{ Name: 'Cluster', Value: 'prod' }],
    Period: 300,
    EvaluationPeriods: 3,
    TreatMissingData: 'missing',
  });
  expect(told(alarm, 'InsufficientDataActions')).toEqual(['Page']);
  expect(told(alarm, 'OKActions')).toEqual(['Page']);
});

test("configuration errors, gaps and failures are counted from this stack's own logs", () => {
  const filters = Object.values(template.findResources('AWS::Logs::MetricFilter')).map(({ Properties }) => {
    const [{ MetricValue }] = Properties.MetricTransformations;
    return `${plainText(Properties.LogGroupName).replace(/[0-9A-F]{8}$/, '')} ${Properties.FilterPattern} ${MetricValue}`;
  });

  expect(new Set(filters)).toEqual(
    new Set([
      'Logs { $.ConfigErrors > 0 } $.ConfigErrors',
      'Logs { $.Gaps > 0 } $.Gaps',
      'Logs { ($.level = "warn") && ($.attempts >= 3) } 1',
    ]),
  );
  expect(alarms().get('ConfigErrors')).toMatchObject({ Namespace: 'KubeCourier/kube-courier', Threshold: 1 });
});

test('the e-mail address hears of everything', () => {
  const subscriptions = Object.values(template.findResources('AWS::SNS::Subscription')).map(
    ({ Properties }) => Properties,
  );

  expect(subscriptions.map(({ TopicArn }) => plainText(TopicArn).replace(/^Alarms|[0-9A-F]{8}$/g, ''))).toEqual([
    'Page',
    'Ticket',
  ]);
  for (const each of subscriptions) expect(each).toMatchObject({ Protocol: 'email', Endpoint: 'on-call@example.com' });
});

test('CloudWatch may publish to the topics', () => {
  for (const { Properties } of Object.values(template.findResources('AWS::SNS::TopicPolicy'))) {
    expect(Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  }
});

test('the dashboard shows every outcome of every sink and the heartbeats of every cluster', () => {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const body = plainText(dashboard?.['Properties'].DashboardBody);

  for (const metric of ['Delivered', 'Retried', 'Rejected', 'DeliveryLatency']) {
    expect(body).toContain(`{KubeCourier,Sink,Destination} MetricName=\\"${metric}\\" Sink=\\"log\\"`);
  }
  expect(body).toContain('{KubeCourier,Cluster} MetricName=\\"Heartbeats\\"');
});
