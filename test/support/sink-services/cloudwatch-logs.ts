import { giveCredentials } from '../services/shared-localstack.ts';
import { startCloudWatchLogs } from '../vendors/cloudwatch-logs.ts';
import type { SinkService } from './service.ts';

const group = '/kubernetes/every-sink';
/** A stand-in, because it refuses what is old or late. LocalStack's is in test/integration/sinks/aws.test.ts. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const vendor = await startCloudWatchLogs(group, Date.now);
  return {
    document: { logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}`, endpoint: vendor.endpoint },
    ids: async () => vendor.texts.map((text) => String(JSON.parse(text).id)),
    requests: () => vendor.batches.length,
    stop: () => vendor.stop(),
  };
}
