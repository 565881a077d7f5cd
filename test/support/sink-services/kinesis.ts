import { giveCredentials } from '../services/shared-localstack.ts';
import { startKinesis } from '../vendors/kinesis.ts';
import type { SinkService } from './service.ts';

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/every-sink';

/** A stand-in: LocalStack's Kinesis fetches a server that listens on every interface. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const vendor = await startKinesis(streamArn);
  return {
    document: { streamArn, endpoint: vendor.endpoint },
    ids: async () => vendor.texts.map((text) => String(JSON.parse(text).id)),
    requests: () => vendor.batches.length,
    stop: () => vendor.stop(),
  };
}
