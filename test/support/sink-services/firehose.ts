import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { MOTO_ACCOUNT, startMoto } from '../services/moto.ts';
import { giveCredentials } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

const Bucket = 'every-sink';
const DeliveryStreamName = 'every-sink';

/** Moto's Firehose, which puts what it gets into moto's S3 at once. LocalStack's needs its Kinesis. */
export async function start(): Promise<SinkService> {
  giveCredentials();
  const { access, stop } = await startMoto();
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const firehose = new FirehoseClient(access);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const RoleARN = `arn:aws:iam::${MOTO_ACCOUNT}:role/firehose`;
  const ExtendedS3DestinationConfiguration = { BucketARN: `arn:aws:s3:::${Bucket}`, RoleARN };
  const { DeliveryStreamARN } = await firehose.send(
    new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
  );
  return {
    document: { streamArn: DeliveryStreamARN, endpoint: access.endpoint },
    async ids() {
      const ids: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
        for (const { Key } of Contents) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const lines = ((await Body?.transformToString()) ?? '').trimEnd().split('\n');
          ids.push(...lines.map((line) => String(JSON.parse(line).id)));
        }
      }
      return ids;
    },
    async stop() {
      s3.destroy();
      firehose.destroy();
      await stop();
    },
  };
}
