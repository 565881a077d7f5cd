import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  LogQueryWidget,
  MathExpression,
  TextWidget,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName } from '../../functions/core/runtime/metrics.ts';
import type { Watched } from './group-alarms.ts';
import { FAILING, stackNamespace } from './log-metrics.ts';
import type { QueuePair } from './queues.ts';
import type { Settings } from './settings.ts';

const PERIOD = Duration.minutes(5);
const COLUMNS = 24;
const HEIGHT = 6;

/**
 * One row of graphs for the relays and the router, one of what fails, and one for each sink type, with a line per destination
 * where destinations have metrics of their own.
 */
export function createDashboard(
  scope: Construct,
  settings: Settings,
  logGroup: ILogGroup,
  watched: readonly Watched[],
): void {
  const dimensions = settings.metricsBy === 'destination' ? 'Sink,Destination' : 'Sink';
  const dashboard = new Dashboard(scope, 'Dashboard', { defaultInterval: Duration.hours(12) });
  dashboard.addWidgets(new TextWidget({ markdown: `# ${settings.stackName}`, width: COLUMNS, height: 1 }));
  dashboard.addWidgets(
    searchGraph('Heartbeats per cluster', 'Cluster', 'Heartbeats', 'Sum'),
    searchGraph('Gaps per cluster', 'Cluster', 'Gaps', 'Sum'),
    searchGraph('Destinations in need of repair', 'Sink', 'ConfigErrors', 'Sum'),
    searchGraph('Filtered', 'Sink', 'Filtered', 'Sum'),
  );
  dashboard.addWidgets(
    graph('Events tried three times or more', `{"${stackNamespace(settings)}",Sink} MetricName="${FAILING}"`, 'Sum'),
    new LogQueryWidget({
      title: 'Destinations that fail',
      logGroupNames: [logGroup.logGroupName],
      queryLines: [
        'filter level = "warn" and ispresent(attempts)',
        'stats count() as lines, max(attempts) as attempt, max(@timestamp) as last by destination, code',
        'sort lines desc',
      ],
      width: (COLUMNS * 3) / 4,
      height: HEIGHT,
    }),
  );
  for (const { owner, queues } of watched)
    dashboard.addWidgets(...row(owner, queues, owner === 'router' ? 'Sink' : dimensions));
}

function row(owner: string, { queue, deadLetters }: QueuePair, dimensions: string): readonly IWidget[] {
  const outcomes: readonly MetricName[] =
    owner === 'router' ? ['Received', 'Rejected'] : ['Delivered', 'Retried', 'Rejected'];
  const graphs = outcomes.map((name) => searchGraph(`${owner}: ${name.toLowerCase()}`, dimensions, name, 'Sum', owner));
  const latency = searchGraph(`${owner}: milliseconds to delivery, p95`, dimensions, 'DeliveryLatency', 'p95', owner);
  const age = new GraphWidget({
    title: `${owner}: age of the oldest, dead letters`,
    left: [queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, label: 'oldest event, seconds' })],
    right: [deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, label: 'dead letters' })],
    width: COLUMNS / 4,
    height: HEIGHT,
  });
  return [...graphs, ...(owner === 'router' ? [] : [latency]), age];
}

/** Destinations and unlisted clusters are not known when the stack is made: a search finds what has been published. */
function searchGraph(
  title: string,
  dimensions: string,
  metric: MetricName,
  statistic: string,
  sink?: string,
): GraphWidget {
  const own = sink === undefined ? '' : ` Sink="${sink}"`;
  return graph(title, `{${METRIC_NAMESPACE},${dimensions}} MetricName="${metric}"${own}`, statistic);
}

function graph(title: string, metrics: string, statistic: string): GraphWidget {
  const search = `SEARCH('${metrics}', '${statistic}', ${PERIOD.toSeconds()})`;
  return new GraphWidget({
    title,
    left: [new MathExpression({ expression: search, label: '', usingMetrics: {}, period: PERIOD })],
    width: COLUMNS / 4,
    height: HEIGHT,
  });
}
