import { METRIC_NAMESPACE } from '../../../functions/core/runtime/metrics.ts';
import { GetMetricDataCommand, type CloudWatchClient, type MetricStat } from '@aws-sdk/client-cloudwatch';

/** How far back the last minutes go. */
export const WINDOW_MS = 15 * 60_000;

/**
 * The age of the oldest message of queues in seconds, as CloudWatch saw it within the last minutes. A queue that is empty,
 * or that nobody asked for hours, has none.
 */
export async function oldestAges(
  cloudWatch: CloudWatchClient,
  queueUrls: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const values = await read(
    cloudWatch,
    queueUrls.map((url) =>
      stat('AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', url.split('/').at(-1) ?? '', 'Maximum'),
    ),
  );
  const ages = queueUrls.map((url, index) => [url, values[index]?.[0] ?? 0] as const);
  return new Map(ages.filter(([, age]) => age > 0));
}

/** What became of a function's invocations within the last quarter of an hour. */
export interface Invocations {
  readonly failed: number;
  /** Not even begun, because the account's concurrency was used up. */
  readonly refused: number;
}

/** Failed and refused invocations of functions, in their order. */
export async function recentInvocations(
  cloudWatch: CloudWatchClient,
  functionNames: readonly string[],
): Promise<readonly Invocations[]> {
  const values = await read(
    cloudWatch,
    functionNames.flatMap((name) =>
      ['Errors', 'Throttles'].map((metric) => stat('AWS/Lambda', metric, 'FunctionName', name, 'Sum')),
    ),
  );
  return functionNames.map((_, index) => ({ failed: sum(values[2 * index]), refused: sum(values[2 * index + 1]) }));
}

/** What the functions counted within the last quarter of an hour; undefined where CloudWatch has nothing. */
export interface Counted {
  readonly delivered: number | undefined;
  readonly filtered: number | undefined;
  readonly retried: number | undefined;
}

/** The counts of sinks, or of the router, in their order. */
export async function recentCounts(
  cloudWatch: CloudWatchClient,
  owners: readonly string[],
): Promise<readonly Counted[]> {
  const names = ['Delivered', 'Filtered', 'Retried'];
  const values = await read(
    cloudWatch,
    owners.flatMap((owner) => names.map((name) => stat(METRIC_NAMESPACE, name, 'Sink', owner, 'Sum'))),
  );
  const count = (at: number): number | undefined => (values[at]?.length ? sum(values[at]) : undefined);
  return owners.map((_, index) => ({
    delivered: count(3 * index),
    filtered: count(3 * index + 1),
    retried: count(3 * index + 2),
  }));
}

function sum(numbers: readonly number[] = []): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function stat(Namespace: string, MetricName: string, dimension: string, of: string, Stat: string): MetricStat {
  return { Metric: { Namespace, MetricName, Dimensions: [{ Name: dimension, Value: of }] }, Period: 60, Stat };
}

/** CloudWatch's limit for one call. */
const MAX_QUERIES = 500;

/** The values of the last minutes, the newest first, of each metric. */
async function read(
  cloudWatch: CloudWatchClient,
  stats: readonly MetricStat[],
): Promise<readonly (readonly number[])[]> {
  const now = Date.now();
  const values: (readonly number[])[] = stats.map(() => []);
  for (let from = 0; from < stats.length; from += MAX_QUERIES) {
    const reply = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now - WINDOW_MS),
        EndTime: new Date(now),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: stats
          .slice(from, from + MAX_QUERIES)
          .map((MetricStat, index) => ({ Id: `q${from + index}`, MetricStat })),
      }),
    );
    for (const { Id = '', Values = [] } of reply.MetricDataResults ?? []) values[Number(Id.slice(1))] = Values;
  }
  return values;
}
