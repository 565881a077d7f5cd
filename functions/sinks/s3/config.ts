import * as z from 'zod/mini';
import { defineConfig, field, secret, type AwsTarget } from '../../core/contract/config.ts';
import { awsCodes } from '../../core/kit/aws/outcomes.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const target: AwsTarget = {
  what: 'bucket',
  arn: /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w.=-]+)*$/,
  expected: 'the ARN of a bucket, with the prefix if there is one, such as arn:aws:s3:::example-events/archive',
  actions: ['s3:PutObject'],
  resourceSuffix: '/*',
};

const options = z.strictObject({
  bucket: field(
    z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket')),
    'The bucket: the one in the output ArchiveBucket of the stack, or another.',
    'example-events',
  ),
  prefix: field(
    z._default(
      z.string().check(z.regex(/^[\w.=-]+(\/[\w.=-]+)*$/, 'expected names with / between them'), z.maxLength(200)),
      'events',
    ),
    'What the keys of all objects begin with.',
    'archive/prod',
  ),
  endpoint: field(
    z.optional(endpointUrl()),
    'The address of a store that speaks the protocol of S3, or of a VPC endpoint; the bucket follows in the path.',
    'https://minio.example.com',
  ),
});

export type S3Options = z.infer<typeof options>;

export const config = defineConfig({
  type: 's3',
  title: 'Amazon S3: the archive',
  titleZh: 'Amazon S3（归档）',
  chat: false,
  options,
  secrets: z.strictObject({
    accessKey: field(
      z.optional(
        z.strictObject({
          id: field(secret(), 'The id of the key.', 'an-invented-id'),
          secret: field(secret(), 'The secret of the key.', 'an-invented-secret'),
        }),
      ),
      'A key of its own, for stores other than S3. Without it the role of the function is used.',
      { id: 'an-invented-id', secret: 'an-invented-secret' },
    ),
  }),
  // An object for each partition of a batch: the longer a batch gathers, the fewer and the smaller they are. Lambda ends a batch at
  // 6 MB of messages, which are gzipped: unpacked, in lines, they want the memory.
  runtime: { batchSize: 10_000, windowSeconds: 300, memoryMb: 1024 },
  target,
  codes: {
    ...awsCodes('s3', target),
    conditional_writes_missing: {
      status: 'rejected',
      meaning: 'The store has no conditional writes (`If-None-Match`), without which a repeat could replace an object.',
      advice: 'Use a store that has them: S3, and current versions of MinIO and Ceph. Then replay.',
    },
  },
});
