import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName } from '../../functions/core/runtime/metrics.ts';
import type { Settings } from './settings.ts';

/** The namespace of metrics made of one stack's log: what functions publish themselves is one namespace for the account. */
export function stackNamespace({ stackName }: Pick<Settings, 'stackName'>): string {
  return `${METRIC_NAMESPACE}/${stackName}`;
}

/** The metrics made of a stack's log. */
export interface LogMetrics {
  /** What functions count in their own metrics, summed over this stack alone. */
  counted(name: MetricName, options: MetricOptions): Metric;
  /** The largest of what functions say in their own metrics. */
  largest(name: MetricName, options: MetricOptions): Metric;
  /**
   * How many events of a sink were tried for the third time or more, in vain: one line of the log each. It sees what the age of
   * a queue does not: SQS leaves messages out of it that were received three times.
   */
  failing(sink: string, options: MetricOptions): Metric;
}

export const FAILING = 'Failing';

/** The attempt from which a failure is more than the passing trouble of a service; functions warn from it on. */
const FAILING_FROM_ATTEMPT = 3;

export function createLogMetrics(scope: Construct, logGroup: ILogGroup, metricNamespace: string): LogMetrics {
  const failing = new MetricFilter(scope, FAILING, {
    logGroup,
    metricNamespace,
    metricName: FAILING,
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.level', '=', 'warn'),
      FilterPattern.numberValue('$.attempts', '>=', FAILING_FROM_ATTEMPT),
    ),
    metricValue: '1',
    dimensions: { Sink: '$.sink' },
  });
  return {
    counted: (name, options) => published(name).metric({ statistic: 'Sum', ...options }),
    largest: (name, options) => published(name).metric({ statistic: 'Maximum', ...options }),
    failing: (Sink, options) => failing.metric({ statistic: 'Sum', dimensionsMap: { Sink }, ...options }),
  };

  function published(name: MetricName): MetricFilter {
    return new MetricFilter(scope, name, {
      logGroup,
      metricNamespace,
      metricName: name,
      filterPattern: FilterPattern.numberValue(`$.${name}`, '>', 0),
      metricValue: `$.${name}`,
    });
  }
}
