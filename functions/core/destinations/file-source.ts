import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../contract/untrusted.ts';
import type { DocumentSource, StoredDocument, Tree, UnreadableDocument } from './documents.ts';

/** Files `<folder>/<tree>/<type>/<name>.json` and `<folder>/silences/<name>.json`, without history. */
export function fileSource(folder: string): DocumentSource {
  return { list, read, history: async () => [], maxAgeMs: () => 1000 };

  async function list(tree: Tree, type?: string): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    // A missing type is an empty one; a missing folder is a mistake that must not look like "no destinations".
    const present = await (tree === 'destinations' ? readdir(join(folder, tree)) : names(join(folder, tree)));
    if (tree === 'silences') return read(tree, documents(present));
    const types = type === undefined ? present : [type];
    const ids: string[] = [];
    for (const each of types) {
      ids.push(...documents(await names(join(folder, tree, each))).map((name) => `${each}/${name}`));
    }
    return read(tree, ids);
  }

  function documents(files: readonly string[]): readonly string[] {
    return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
  }

  async function read(
    tree: Tree,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    const found = new Map<string, StoredDocument | UnreadableDocument>();
    for (const id of ids) {
      const document = await readDocument(join(folder, tree, `${id}.json`));
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  async function names(path: string): Promise<readonly string[]> {
    const entries = await orMissing(readdir(path));
    return (entries ?? []).filter((name) => !name.startsWith('.')).toSorted();
  }
}

/** The file's text with its digest as the version; undefined where there is no such file. */
async function readDocument(path: string): Promise<StoredDocument | UnreadableDocument | undefined> {
  try {
    const text = await orMissing(readFile(path, 'utf8'));
    return text === undefined
      ? undefined
      : { version: createHash('sha256').update(text).digest('hex').slice(0, 16), text };
  } catch (error) {
    return { failure: codeOf(error) || 'cannot be read' };
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
