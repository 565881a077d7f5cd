import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName } from '../../functions/core/runtime/metrics.ts';
import { acknowledge } from './acknowledge.ts';
import { groupAlarms, GROUP_SIZE, type Watched } from './group-alarms.ts';
import { createLogMetrics, stackNamespace, type LogMetrics } from './log-metrics.ts';
import { opsCommand } from './ops-command.ts';
import type { QueuePair } from './queues.ts';
import type { Settings } from './settings.ts';

const PERIOD = Duration.minutes(5);
/** An event that is retried tells its age so often, at the least. */
const LONGEST_BACKOFF = Duration.minutes(15);
/** The relay sends a heartbeat every 5 minutes; three missing ones are no accident. */
const HEARTBEAT_PERIODS = 3;

interface AlarmProps {
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  /** How many of the periods must breach. @default all */
  readonly datapoints?: number;
  readonly severity: 'page' | 'ticket';
  /** What has happened, and what to do. */
  readonly description: string;
}

/** Two topics, so that what can wait until morning does not wake anybody, and the alarms that use them. */
export class Alarms extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;
  readonly #settings: Settings;
  readonly #logGroup: ILogGroup;
  readonly #metrics: LogMetrics;

  constructor(scope: Construct, id: string, settings: Settings, logGroup: ILogGroup) {
    super(scope, id);
    this.#settings = settings;
    this.#logGroup = logGroup;
    this.#metrics = createLogMetrics(new Construct(this, 'Log'), logGroup, stackNamespace(settings));
    this.page = this.#topic('Page', 'kube-courier: act now');
    this.ticket = this.#topic('Ticket', 'kube-courier: act within days');
  }

  /**
   * What each queue has an alarm of its own for: that it fails now, and that it has letters. Both can last, and would hide that
   * another one begins to. All else is one alarm for many queues.
   */
  watch(all: readonly Watched[]): void {
    for (const { owner, queues } of all) this.#watchOne(owner, queues);
    for (let from = 0; from < all.length; from += GROUP_SIZE) {
      const group = all.slice(from, from + GROUP_SIZE);
      const number = from / GROUP_SIZE + 1;
      const about = `One of ${group.map(({ owner }) => owner).join(', ')}; which: ${opsCommand(this.#settings, 'status')}`;
      for (const { id, description, ...alarm } of groupAlarms(group, this.#settings))
        this.#alarm(this, `${id}${number}`, { ...alarm, description: `${description} ${about}. ${this.#logQuery()}` });
    }
  }

  #watchOne(owner: string, queues: QueuePair): void {
    const scope = new Construct(this, owner);
    const settings = this.#settings;
    if (owner !== 'router')
      this.#alarm(scope, 'Failing', {
        metric: this.#metrics.failing(owner, { period: PERIOD }),
        threshold: 1,
        periods: 3,
        datapoints: 2,
        severity: 'ticket',
        description: `${owner}: a destination has been failing for 10 minutes: its events are tried for the third time or more. Which and why: ${opsCommand(settings, 'status')}. ${this.#logQuery(`and sink = "${owner}" and attempts >= 3 `)}`,
      });
    this.#alarm(scope, 'Letters', {
      metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      threshold: 1,
      severity: 'ticket',
      description: `${owner}: dead letters are waiting; SQS deletes them ${settings.deadLetterRetentionDays} d after they were sent. See why: ${opsCommand(settings, `dlq ls ${owner}`)}. Repair the cause, then: ${opsCommand(settings, `dlq replay ${owner}`)}. ${this.#logQuery(`and sink = "${owner}" `)}`,
    });
  }

  /** One alarm for events that have been failing for long. SQS does not know their age: each attempt is a new message. */
  watchRetries(): void {
    const { queueAgeMinutes } = this.#settings;
    this.#alarm(this, 'RetryAge', {
      metric: this.#metrics.largest('RetryAge', { period: LONGEST_BACKOFF }),
      threshold: queueAgeMinutes * 60,
      severity: 'ticket',
      description: `Events have been failing for more than ${queueAgeMinutes} min, and are still retried. Which and why: ${opsCommand(this.#settings, 'status')}. ${this.#logQuery('and attempts >= 3 ')}`,
    });
  }

  /** One alarm for the mistakes in destinations that the functions have found. */
  watchConfiguration(): void {
    this.#alarm(this, 'ConfigErrors', {
      metric: this.#metrics.counted('ConfigErrors', { period: PERIOD }),
      threshold: 1,
      severity: 'ticket',
      description: `A destination needs repair: its last valid version is in force, or none. Or a silence does, which holds nothing. Which parameter, version and field: ${opsCommand(this.#settings, 'destinations validate')}; ${opsCommand(this.#settings, 'silence ls')}. ${this.#logQuery()}`,
    });
  }

  /** Alarms of what relays report, and of those that no longer report. */
  watchRelays(): void {
    this.#alarm(this, 'Gaps', {
      metric: this.#metrics.counted('Gaps', { period: PERIOD }),
      threshold: 1,
      severity: 'ticket',
      description: `A relay may have missed events. Which cluster, when and why: ${opsCommand(this.#settings, 'status')}; the causes are explained in the relay's README. ${this.#logQuery()}`,
    });
    for (const { name, namespace } of this.#settings.clusters) {
      const heartbeats: MetricName = 'Heartbeats';
      const alarm = new Alarm(this, `Heartbeat-${name}`, {
        metric: new Metric({
          namespace: METRIC_NAMESPACE,
          metricName: heartbeats,
          dimensionsMap: { Cluster: name },
          period: PERIOD,
          statistic: 'Sum',
        }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: 1,
        evaluationPeriods: HEARTBEAT_PERIODS,
        // A cluster whose relay is not up yet has no data, as the new alarm has none: no change, no message. Data that end do
        // change the alarm's state, from OK to INSUFFICIENT_DATA, and that is what is reported.
        treatMissingData: TreatMissingData.MISSING,
        alarmDescription: `${name}: no heartbeat for 15 to 30 minutes (state "insufficient data"). Is the relay's pod running, and does it reach SQS? kubectl --namespace ${namespace} logs deployment/kube-courier-relay; ${opsCommand(this.#settings, 'status')}. Events are kept by the cluster for an hour by default.`,
      });
      alarm.addInsufficientDataAction(new SnsAction(this.page));
      alarm.addOkAction(new SnsAction(this.page));
    }
  }

  #topic(id: string, displayName: string): Topic {
    const topic = new Topic(this, id, { displayName, enforceSSL: true });
    // A topic with a policy of its own has lost the default one, by which the account's alarms could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (this.#settings.alarmEmail !== undefined)
      topic.addSubscription(new EmailSubscription(this.#settings.alarmEmail));
    acknowledge(
      topic,
      'Serverless-SNSRedrivePolicy',
      'An alarm can be seen in CloudWatch whatever becomes of its e-mail.',
    );
    return topic;
  }

  #alarm(
    scope: Construct,
    id: string,
    { metric, threshold, periods = 1, datapoints = periods, severity, description }: AlarmProps,
  ): void {
    const alarm = new Alarm(scope, id, {
      metric,
      threshold,
      evaluationPeriods: periods,
      datapointsToAlarm: datapoints,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    });
    alarm.addAlarmAction(new SnsAction(this[severity]));
    alarm.addOkAction(new SnsAction(this[severity]));
  }

  /** What to type in Logs Insights; `ERROR` is Lambda's word for what a function has thrown. @param more a further condition, with a space behind it */
  #logQuery(more = ''): string {
    return `Log query in ${this.#logGroup.logGroupName}: filter level in ["warn","error","ERROR"] ${more}| sort @timestamp desc`;
  }
}
