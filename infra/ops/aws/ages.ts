import { GetMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';

const WINDOW_MS = 15 * 60_000;

/**
 * The age of the oldest message of queues in seconds, as CloudWatch saw it within the last minutes. A queue that is empty,
 * or that nobody asked for hours, has none.
 */
export async function oldestAges(
  cloudWatch: CloudWatchClient,
  queueUrls: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const now = Date.now();
  const reply = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - WINDOW_MS),
      EndTime: new Date(now),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: queueUrls.map((url, index) => ({
        Id: `q${index}`,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: [{ Name: 'QueueName', Value: url.split('/').at(-1) ?? '' }],
          },
          Period: 60,
          Stat: 'Maximum',
        },
      })),
    }),
  );
  const ages = new Map<string, number>();
  for (const { Id = '', Values = [] } of reply.MetricDataResults ?? []) {
    const url = queueUrls[Number(Id.slice(1))];
    const [age] = Values;
    if (url !== undefined && age !== undefined && age > 0) ages.set(url, age);
  }
  return ages;
}
