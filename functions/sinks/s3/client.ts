import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SinkContext } from '../../core/contract/sink.ts';
import { AWS_LIMITS } from '../../core/kit/aws/client.ts';
import type { config, S3Options } from './config.ts';

type Ctx = SinkContext<S3Options, (typeof config.secrets)['_zod']['output']>;

/** An object that is to be made, and not to be replaced. */
export interface NewObject {
  readonly Bucket: string;
  readonly Key: string;
  /** Written gzipped. */
  readonly text: string;
}

/** What the sink needs of S3. */
export interface ArchiveClient {
  /** @throws the SDK's exception, of which `PreconditionFailed` says that there is an object under this key. */
  createObject(object: NewObject): Promise<void>;
  close(): void;
}

const zip = promisify(gzip);

export function createClient({ aws, options, secrets }: Pick<Ctx, 'aws' | 'options' | 'secrets'>): ArchiveClient {
  const { endpoint } = options;
  const { accessKey } = secrets;
  const client = new S3Client({
    // Outside of AWS there may be none: most stores want this one, and S3 itself says which it is.
    region: () => aws.region().catch(() => 'us-east-1'),
    // A bucket may be in any region: S3 says in which.
    followRegionRedirects: true,
    credentials: accessKey
      ? { accessKeyId: accessKey.id.reveal(), secretAccessKey: accessKey.secret.reveal() }
      : () => aws.credentials(),
    // The queue is what tries again. One more attempt covers a connection that was lost while the function was frozen.
    maxAttempts: 2,
    requestHandler: { ...AWS_LIMITS, requestTimeout: 15_000 },
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
  return {
    async createObject({ Bucket, Key, text }) {
      const Body = await zip(text);
      // No Content-Encoding: readers go by the name, and some clients would unpack unasked.
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*', ContentType: 'application/x-ndjson' }),
      );
    },
    close: () => client.destroy(),
  };
}
