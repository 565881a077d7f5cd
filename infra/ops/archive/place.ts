import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { codeOf } from '../../../functions/core/contract/untrusted.ts';
import { createS3 } from '../aws/clients.ts';
import { readStack } from '../aws/stack.ts';
import { OpsError, usageError, type Arguments } from '../command.ts';

/** Options of the commands that read an archive. */
export const PLACE_OPTIONS = {
  archive: {
    value: 'PLACE',
    about: 'Where the archive is: s3://BUCKET/PREFIX, or a folder. Without it, the bucket of the stack.',
  },
  stack: { value: 'NAME', about: 'The CloudFormation stack; default kube-courier.' },
} as const;

/** An object of an archive. */
export interface ArchiveObject {
  /** Below the archive's prefix: `cluster=prod/date=2026-11-23/hour=07/...ndjson.gz`. */
  readonly key: string;
  readonly bytes: number;
}

/** Where an archive is kept: a bucket or a folder. */
export interface ArchivePlace {
  /** For messages. */
  readonly name: string;
  /** The names of what is in a path such as `cluster=prod/`, sorted; empty where it does not exist. */
  folders(path: string): Promise<readonly string[]>;
  /** The objects in a path, sorted by their keys. */
  objects(path: string): Promise<readonly ArchiveObject[]>;
  /** The bytes of an object, gzipped as they are. */
  open(key: string): Promise<Readable>;
}

/** The archive that the command is about. @throws {OpsError} where there is none. */
export async function openArchive(args: Arguments<typeof PLACE_OPTIONS>): Promise<ArchivePlace> {
  const given = args.text('archive');
  if (given === undefined) {
    const { stack, archive } = await readStack(args);
    if (archive === undefined)
      throw new OpsError(
        `the stack ${stack} has no archive of its own: add s3 to sinks and deploy, or name a bucket with --archive s3://BUCKET/PREFIX`,
      );
    return bucketPlace(createS3(), archive.bucket, archive.prefix);
  }
  if (!given.startsWith('s3://')) return folderPlace(given);
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*?))?\/?$/.exec(given) ?? [];
  if (bucket === undefined) throw usageError(`--archive is ${given}, expected s3://BUCKET/PREFIX or a folder`);
  return bucketPlace(createS3(), bucket, prefix);
}

export function bucketPlace(client: S3Client, bucket: string, prefix: string): ArchivePlace {
  const root = prefix === '' ? '' : `${prefix}/`;
  const pages = (path: string, Delimiter?: string) =>
    paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: `${root}${path}`, ...(Delimiter && { Delimiter }) });
  return {
    name: `s3://${bucket}/${prefix}`,
    async folders(path) {
      const names: string[] = [];
      for await (const { CommonPrefixes = [] } of pages(path, '/')) {
        for (const { Prefix = '' } of CommonPrefixes) names.push(Prefix.slice(root.length + path.length, -1));
      }
      return names;
    },
    async objects(path) {
      const found: ArchiveObject[] = [];
      for await (const { Contents = [] } of pages(path)) {
        for (const { Key = '', Size = 0 } of Contents) found.push({ key: Key.slice(root.length), bytes: Size });
      }
      return found.filter(isArchived);
    },
    async open(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${root}${key}` }));
      if (!(Body instanceof Readable)) throw new OpsError(`s3://${bucket}/${root}${key}: has no content`);
      return Body;
    },
  };
}

export function folderPlace(folder: string): ArchivePlace {
  const list = async (path: string) => {
    try {
      const entries = await readdir(join(folder, path), { withFileTypes: true });
      return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      // A partition that is not there has nothing in it; a folder that is not there is a misspelt one.
      if (codeOf(error) === 'ENOENT' && path !== '') return [];
      throw new OpsError(`${folder}: ${codeOf(error) === 'ENOENT' ? 'no such folder' : 'cannot be read'}`);
    }
  };
  return {
    name: folder,
    folders: async (path) => (await list(path)).filter((entry) => entry.isDirectory()).map(({ name }) => name),
    async objects(path) {
      const files = (await list(path)).filter((entry) => entry.isFile());
      const found = files.map(async ({ name }) => {
        const { size } = await stat(join(folder, path, name));
        return { key: `${path}${name}`, bytes: size };
      });
      return (await Promise.all(found)).filter(isArchived);
    },
    open: async (key) => createReadStream(join(folder, key)),
  };
}

function isArchived({ key }: ArchiveObject): boolean {
  return key.endsWith('.ndjson.gz');
}
