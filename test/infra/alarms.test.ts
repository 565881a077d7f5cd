import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { plainText, synthesise } from './synthesise.ts';

// Synthesis and its validation take seconds where processors are shared.

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

test('what fails and what has letters is told sink by sink, all else in one alarm over all', () => {
  const severities = [...alarms()].map(([id, alarm]) => [id, ...told(alarm, 'AlarmActions')].join(' '));

  expect(severities.toSorted()).toEqual([
    'ConfigErrors Ticket',
    'Errors1 Page',
    'Gaps Ticket',
    'Heartbeatprod',
    'LettersAge1 Ticket',
    'LettersRate1 Page',
    'QueueAge1 Ticket',
    'RetryAge Ticket',
    'Throttles1 Ticket',
    'logFailing Ticket',
    'logLetters Ticket',
    'routerLetters Ticket',
  ]);
});

test('every description says what to do, and where the logs are', () => {
  const descriptions = [...alarms()].map(([id, { AlarmDescription }]) => [id, plainText(AlarmDescription)] as const);
  const without = (pattern: RegExp) => descriptions.filter(([, each]) => !pattern.test(each)).map(([id]) => id);

  expect(without(/npm run -s ops -- /)).toEqual([]);
  expect(without(/Log query in Logs/)).toEqual(['Heartbeatprod']);
});

/** What an alarm over several queues computes: its expressions, with each metric as `queue or function: metric`. */
function computed(id: string): Readonly<Record<string, string>> {
  const metrics = Array.from<Json>(Object(alarms().get(id)?.['Metrics']));
  return Object.fromEntries(
    metrics.map(({ Id, Expression, MetricStat }) => {
      const { Metric, Stat, Period } = Object(MetricStat);
      const owner = plainText(Metric?.Dimensions[0].Value).replace(/[0-9A-F]{8}(\..*)?$/, '');
      return [
        String(Id),
        Expression === undefined ? `${owner}: ${Stat} ${Metric.MetricName} ${Period}` : plainText(Expression),
      ];
    }),
  );
}

test('dead letters page by how many come, however they came, and can wait by their number', () => {
  expect(computed('LettersRate1')).toEqual({
    expr_1: 'MAX([m0, m1])',
    m0: 'DIFF(FILL(letters0, 0))',
    letters0: 'IngestDeadLetters: Maximum ApproximateNumberOfMessagesVisible 300',
    m1: 'DIFF(FILL(letters1, 0))',
    letters1: 'sinklogQueuesDeadLetters: Maximum ApproximateNumberOfMessagesVisible 300',
  });
  expect(alarms().get('LettersRate1')).toMatchObject({
    Threshold: 25,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
  expect(alarms().get('logLetters')).toMatchObject({ MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1 });
});

test('letters that nobody sees to are told when half of their time is over', () => {
  const { EvaluationPeriods, DatapointsToAlarm, Threshold } = Object(alarms().get('LettersAge1'));

  expect(Object.values(computed('LettersAge1'))).toEqual([
    'MAX([m0, m1])',
    'IngestDeadLetters: Maximum ApproximateNumberOfMessagesVisible 21600',
    'sinklogQueuesDeadLetters: Maximum ApproximateNumberOfMessagesVisible 21600',
  ]);
  expect([Threshold, EvaluationPeriods * 21_600, DatapointsToAlarm]).toEqual([1, 7 * 86_400, EvaluationPeriods]);
});

test("a queue's alarms come long before its limits", () => {
  expect(Object.values(computed('QueueAge1'))).toContain(
    'sinklogQueuesQueue: Maximum ApproximateAgeOfOldestMessage 300',
  );
  expect(alarms().get('QueueAge1')).toMatchObject({ Threshold: 1800, EvaluationPeriods: 2 });
});

test('what fails for long is told by its own age: a queue knows that of the last attempt only', () => {
  expect(alarms().get('RetryAge')).toMatchObject({
    Namespace: 'KubeCourier/kube-courier',
    MetricName: 'RetryAge',
    Statistic: 'Maximum',
    Period: 900,
    Threshold: 1800,
  });
});

test('functions that fail or are throttled for a quarter of an hour are told', () => {
  expect(Object.values(computed('Errors1'))).toEqual([
    'MAX([m0, m1])',
    'RouterFunction: Sum Errors 300',
    'sinklogConsumerFunction: Sum Errors 300',
  ]);
  expect(Object.values(computed('Throttles1'))).toContain('sinklogConsumerFunction: Sum Throttles 300');
  for (const id of ['Errors1', 'Throttles1'])
    expect(alarms().get(id)).toMatchObject({ Threshold: 1, EvaluationPeriods: 3 });
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
      'Logs { $.RetryAge > 0 } $.RetryAge',
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
    expect(body).toContain(`{KubeCourier,Sink} MetricName=\\"${metric}\\" Sink=\\"log\\"`);
  }
  expect(body).toContain('{KubeCourier,Cluster} MetricName=\\"Heartbeats\\"');
});

test('where destinations have metrics of their own, the dashboard has a line for each', () => {
  const own = synthesise({ sinks: 'log', metricsBy: 'destination' });
  const [dashboard] = Object.values(own.findResources('AWS::CloudWatch::Dashboard'));
  const body = plainText(dashboard?.['Properties'].DashboardBody);

  expect(body).toContain('{KubeCourier,Sink,Destination} MetricName=\\"Delivered\\" Sink=\\"log\\"');
  expect(body).toContain('{KubeCourier,Sink} MetricName=\\"Received\\" Sink=\\"router\\"');
  own.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { METRICS_BY: 'destination' } } });
});
