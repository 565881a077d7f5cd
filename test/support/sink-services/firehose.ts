import { giveCredentials } from '../services/shared-localstack.ts';
import { startFirehose } from '../vendors/firehose.ts';
import type { SinkService } from './service.ts';

const streamArn = 'arn:aws:firehose:us-east-1:000000000000:deliverystream/every-sink';

/** A stand-in: LocalStack's Firehose needs its Kinesis, and takes records of any size. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const vendor = await startFirehose('every-sink');
  return {
    document: { streamArn, endpoint: vendor.endpoint },
    ids: async () => vendor.texts.flatMap((text) => text.trim().split('\n')).map((line) => String(JSON.parse(line).id)),
    requests: () => vendor.batches.length,
    stop: () => vendor.stop(),
  };
}
