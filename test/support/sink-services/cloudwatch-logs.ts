import { giveCredentials } from '../services/shared-localstack.ts';
import { startCloudWatchLogs } from '../vendors/cloudwatch-logs.ts';
import type { SinkService } from './service.ts';

const group = '/kubernetes/every-sink';
/** Events of any other fortnight are refused; those of the tests are of this day. */
const NOW = Date.parse('2026-11-23T09:00:00Z');

/** A stand-in, because it can be told the time. LocalStack's is in test/integration/sinks/aws.test.ts. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const vendor = await startCloudWatchLogs(group, () => NOW);
  return {
    document: { logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}`, endpoint: vendor.endpoint },
    ids: async () => vendor.texts.map((text) => String(JSON.parse(text).id)),
    requests: () => vendor.batches.length,
    stop: () => vendor.stop(),
  };
}
