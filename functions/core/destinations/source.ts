import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  GetParametersCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  SSMClient,
  type Parameter,
} from '@aws-sdk/client-ssm';
import type { StoredDocument } from './destination.ts';
import { codeOf } from '../contract/untrusted.ts';

/** The two trees below a prefix or folder: what to do, and the secrets it takes. */
export type Tree = 'destinations' | 'secrets';

/** Where destinations are stored. Documents are named `<type>/<name>`. All calls throw when the store cannot be read. */
export interface DocumentSource {
  /** Every document of a tree, or of one type in it. Secrets come without text: only {@link read} decrypts. */
  list(tree: Tree, type?: string): Promise<ReadonlyMap<string, ListedDocument>>;
  /** The texts of documents in their newest version; one that has gone is absent. */
  read(tree: Tree, ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>>;
  /** All versions of a document that the store still has, newest first. */
  history(tree: Tree, id: string): Promise<readonly StoredDocument[]>;
  /** How long a listing may be used, in milliseconds. */
  readonly maxAgeMs: () => number;
}

export interface ListedDocument {
  readonly version: string;
  readonly text?: string;
}

/**
 * Opens what the variable `DESTINATIONS` names: `ssm:<prefix>` or `file:<folder>`.
 * @throws {Error} on anything else.
 */
export function openSource(location: string | undefined): DocumentSource {
  const [, scheme, place] = /^(ssm|file):(.+)$/.exec(location ?? '') ?? [];
  if (scheme === 'ssm' && place?.startsWith('/')) return ssmSource(new SSMClient({ maxAttempts: 3 }), place);
  if (scheme === 'file' && place) return fileSource(place);
  throw new Error(`DESTINATIONS is ${location ?? 'not set'}, expected ssm:/<prefix> or file:<folder>`);
}

/** Parameters below a prefix. An account reads 40 parameters a second, so only secrets that changed are decrypted. */
export function ssmSource(ssm: SSMClient, prefix: string): DocumentSource {
  const root = prefix.replace(/\/+$/, '');
  return { list, read, history, maxAgeMs: () => 30_000 + Math.random() * 15_000 };

  async function list(tree: Tree, type?: string): Promise<ReadonlyMap<string, ListedDocument>> {
    const path = `${root}/${tree}${type === undefined ? '' : `/${type}`}`;
    const found = new Map<string, ListedDocument>();
    for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: path, Recursive: true })) {
      for (const parameter of page.Parameters ?? []) {
        const version = String(parameter.Version);
        const isText = tree === 'destinations' && parameter.Type !== 'SecureString';
        found.set(idOf(tree, parameter.Name), isText ? { version, text: parameter.Value ?? '' } : { version });
      }
    }
    return found;
  }

  async function read(tree: Tree, ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>> {
    const found = new Map<string, StoredDocument>();
    for (let from = 0; from < ids.length; from += 10) {
      const Names = ids.slice(from, from + 10).map((id) => `${root}/${tree}/${id}`);
      const reply = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
      for (const parameter of reply.Parameters ?? []) found.set(idOf(tree, parameter.Name), stored(parameter));
    }
    return found;
  }

  async function history(tree: Tree, id: string): Promise<readonly StoredDocument[]> {
    const versions: StoredDocument[] = [];
    const request = { Name: `${root}/${tree}/${id}`, WithDecryption: tree === 'secrets' };
    for await (const page of paginateGetParameterHistory({ client: ssm }, request)) {
      versions.push(...(page.Parameters ?? []).map(stored));
    }
    return versions.toSorted((a, b) => Number(b.version) - Number(a.version));
  }

  function idOf(tree: Tree, name = ''): string {
    return name.slice(`${root}/${tree}/`.length);
  }
}

function stored(parameter: Pick<Parameter, 'Version' | 'Value'>): StoredDocument {
  return { version: String(parameter.Version), text: parameter.Value ?? '' };
}

/** Files `<folder>/<tree>/<type>/<name>.json`, without history. */
export function fileSource(folder: string): DocumentSource {
  return { list, read, history: async () => [], maxAgeMs: () => 1000 };

  async function list(tree: Tree, type?: string): Promise<ReadonlyMap<string, StoredDocument>> {
    // A missing type is an empty one; a missing folder is a mistake that must not look like "no destinations".
    const present = await (tree === 'destinations' ? readdir(join(folder, tree)) : names(join(folder, tree)));
    const types = type === undefined ? present : [type];
    const ids: string[] = [];
    for (const each of types) {
      for (const file of await names(join(folder, tree, each))) {
        if (file.endsWith('.json')) ids.push(`${each}/${file.slice(0, -'.json'.length)}`);
      }
    }
    return read(tree, ids);
  }

  async function read(tree: Tree, ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>> {
    const found = new Map<string, StoredDocument>();
    for (const id of ids) {
      const text = await orMissing(readFile(join(folder, tree, `${id}.json`), 'utf8'));
      if (text !== undefined)
        found.set(id, { version: createHash('sha256').update(text).digest('hex').slice(0, 16), text });
    }
    return found;
  }

  async function names(path: string): Promise<readonly string[]> {
    const entries = await orMissing(readdir(path));
    return (entries ?? []).filter((name) => !name.startsWith('.')).toSorted();
  }
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
