import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { MOTO_ACCOUNT, startMoto } from '../services/moto.ts';
import { giveCredentials } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

const StreamName = 'every-sink';

/** Moto's Kinesis, a stream of two shards. LocalStack's fetches a server that listens on every interface. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const { access, stop } = await startMoto();
  // By itself the client speaks HTTP/2, which moto does not.
  const kinesis = new KinesisClient({ ...access, requestHandler: new NodeHttpHandler() });
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  return {
    document: {
      streamArn: `arn:aws:kinesis:${access.region}:${MOTO_ACCOUNT}:stream/${StreamName}`,
      endpoint: access.endpoint,
    },
    async ids() {
      const ids: string[] = [];
      const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
      for (const { ShardId } of Shards)
        for await (const data of recordsOf(ShardId)) ids.push(String(JSON.parse(data).id));
      return ids;
    },
    async stop() {
      kinesis.destroy();
      await stop();
    },
  };

  async function* recordsOf(ShardId: string | undefined): AsyncGenerator<string> {
    const oldest = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(oldest));
    while (ShardIterator !== undefined) {
      const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
      if (Records.length === 0) return;
      for (const { Data = new Uint8Array() } of Records) yield Buffer.from(Data).toString();
      ShardIterator = NextShardIterator;
    }
  }
}
