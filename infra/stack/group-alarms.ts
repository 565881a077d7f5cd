import { Duration } from 'aws-cdk-lib';
import { MathExpression, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Consumer } from './consumer.ts';
import type { QueuePair } from './queues.ts';
import type { Settings } from './settings.ts';

/** A queue and its function. */
export interface Watched {
  /** `router`, or the sink type. */
  readonly owner: string;
  readonly queues: QueuePair;
  readonly consumer: Consumer;
}

export interface GroupAlarm {
  readonly id: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly periods: number;
  readonly severity: 'page' | 'ticket';
  /** What has happened, and what to do; which queues it is about is said elsewhere. */
  readonly description: string;
}

/**
 * An alarm's expression takes 10 metrics, and as many expressions, itself among them (AmazonCloudWatch/latest/monitoring,
 * "Limits that apply to alarms based on metric math expressions").
 */
export const GROUP_SIZE = 9;

const PERIOD = Duration.minutes(5);

/** The alarms that watch several queues at once: each is in alarm while any queue of the group is. */
export function groupAlarms(group: readonly Watched[], settings: Settings): readonly GroupAlarm[] {
  const { pageAtLetters, queueAgeMinutes, retentionDays, deadLetterRetentionDays } = settings;
  const most = { period: PERIOD, statistic: 'Maximum' };
  const sum = { period: PERIOD, statistic: 'Sum' };
  const letters = (period: Duration): readonly IMetric[] =>
    group.map(({ queues }) =>
      queues.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
    );
  const queue = group.map(({ queues }) => queues.queue);
  const functions = group.map(({ consumer }) => consumer.function);
  return [
    {
      id: 'LettersRate',
      // Of what waits, not of what was sent: SQS does not count as sent what it moves itself.
      metric: largest(letters(PERIOD).map(growth), PERIOD),
      threshold: pageAtLetters,
      periods: 1,
      severity: 'page',
      description: `${pageAtLetters} or more events of a queue became dead letters within 5 minutes. Repair the cause, then replay them.`,
    },
    {
      id: 'LettersAge',
      // Not the age of the oldest, which leaves out letters that somebody has looked at three times.
      metric: largest(letters(Duration.hours(6)), Duration.hours(6)),
      threshold: 1,
      periods: 2 * deadLetterRetentionDays,
      severity: 'ticket',
      description: `Dead letters have been waiting for half of their ${deadLetterRetentionDays} d, after which SQS deletes them. Replay, export or drop them.`,
    },
    {
      id: 'QueueAge',
      metric: largest(
        queue.map((each) => each.metricApproximateAgeOfOldestMessage(most)),
        PERIOD,
      ),
      threshold: queueAgeMinutes * 60,
      periods: 2,
      severity: 'ticket',
      description: `Events have been waiting for their first attempt for more than ${queueAgeMinutes} min; SQS deletes them after ${retentionDays} d. Paused, throttled or too slow?`,
    },
    {
      id: 'Throttles',
      metric: largest(
        functions.map((each) => each.metricThrottles(sum)),
        PERIOD,
      ),
      threshold: 1,
      periods: 3,
      severity: 'ticket',
      description:
        'Lambda refuses invocations: the concurrency of the account is used up. Raise the quota "Concurrent executions" (a new account has 10), or lower maxConcurrency.',
    },
    {
      id: 'Errors',
      metric: largest(
        functions.map((each) => each.metricErrors(sum)),
        PERIOD,
      ),
      threshold: 1,
      periods: 3,
      severity: 'page',
      description:
        'A function fails as a whole (it crashes, times out, or cannot read its parameters), and all its events are retried.',
    },
  ];
}

/** By how much a metric is more than a period before; one without a value counts as zero. */
function growth(metric: IMetric, index: number): IMetric {
  const id = `letters${index}`;
  return new MathExpression({ expression: `DIFF(FILL(${id}, 0))`, usingMetrics: { [id]: metric }, period: PERIOD });
}

/** The largest of some metrics at each time. */
function largest(metrics: readonly IMetric[], period: Duration): IMetric {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const list = Object.keys(usingMetrics).join(', ');
  return new MathExpression({ expression: `MAX([${list}])`, usingMetrics, period });
}
