import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { gunzipSync } from 'node:zlib';
import { shareLocalStack } from '../services/shared-localstack.ts';
import type { SinkService } from './service.ts';

const Bucket = 'every-sink-archive';

/** LocalStack's S3. The same event can be in two objects, where a batch was another one: readers tell by its identity. */
export async function start(): Promise<SinkService> {
  const localStack = await shareLocalStack();
  const { access } = localStack;
  const client = new S3Client({ ...access, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    document: { bucket: Bucket, endpoint: access.endpoint },
    async ids() {
      const ids = new Set<string>();
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
        for (const { Key } of Contents) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
          const lines = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
          for (const line of lines.trimEnd().split('\n')) ids.add(String(JSON.parse(line).id));
        }
      }
      return [...ids];
    },
    async stop() {
      client.destroy();
      await localStack.release();
    },
  };
}
