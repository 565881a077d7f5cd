import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Parsed } from '../contract/config.ts';
import { codeOf } from '../contract/untrusted.ts';
import { problemText } from './destination.ts';
import type { DocumentSource, StoredDocument, Tree, UnreadableDocument } from './documents.ts';

/** How the JSON of a document is got from a file's text, by the ending of the file's name. */
export type Formats = Readonly<Record<string, (text: string) => Promise<Parsed<string>>>>;

const JSON_ALONE: Formats = { '.json': async (text) => ({ value: text }) };

/**
 * Files `<folder>/<tree>/<type>/<name>.json` and `<folder>/silences/<name>.json`, without history.
 * @param formats those that destinations may be written in; everything else is JSON. A function's bundle has no parser besides.
 */
export function fileSource(folder: string, formats: Formats = JSON_ALONE): DocumentSource {
  return { list, read, history: async () => [], maxAgeMs: () => 1000 };

  async function list(tree: Tree, type?: string): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    // A missing type is an empty one; a missing folder is a mistake that must not look like "no destinations".
    const present = await (tree === 'destinations' ? readdir(join(folder, tree)) : names(join(folder, tree)));
    if (tree === 'silences') return read(tree, documents(tree, present));
    const types = type === undefined ? present : [type];
    const ids: string[] = [];
    for (const each of types) {
      ids.push(...documents(tree, await names(join(folder, tree, each))).map((name) => `${each}/${name}`));
    }
    return read(tree, ids);
  }

  function documents(tree: Tree, files: readonly string[]): readonly string[] {
    const endings = Object.keys(formatsOf(tree));
    const found = files.flatMap((file) =>
      endings.filter((end) => file.endsWith(end)).map((end) => file.slice(0, -end.length)),
    );
    return [...new Set(found)];
  }

  function formatsOf(tree: Tree): Formats {
    return tree === 'destinations' ? formats : JSON_ALONE;
  }

  async function read(
    tree: Tree,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>> {
    const found = new Map<string, StoredDocument | UnreadableDocument>();
    for (const id of ids) {
      const document = await readDocument(join(folder, tree, id), formatsOf(tree));
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  async function names(path: string): Promise<readonly string[]> {
    const entries = await orMissing(readdir(path));
    return (entries ?? []).filter((name) => !name.startsWith('.')).toSorted();
  }
}

/** The document in the only file of that name, with its text's digest as the version; undefined where there is no such file. */
async function readDocument(path: string, formats: Formats): Promise<StoredDocument | UnreadableDocument | undefined> {
  try {
    const found: { readonly end: string; readonly text: string }[] = [];
    for (const end of Object.keys(formats)) {
      const text = await orMissing(readFile(`${path}${end}`, 'utf8'));
      if (text !== undefined) found.push({ end, text });
    }
    const [only] = found;
    if (only === undefined) return undefined;
    if (found.length > 1) return { failure: severalFiles(found.map(({ end }) => basename(path) + end)) };
    const parsed = await formats[only.end]?.(only.text);
    if (parsed === undefined || 'problems' in parsed) return { failure: problemText(parsed?.problems ?? []) };
    return { version: createHash('sha256').update(parsed.value).digest('hex').slice(0, 16), text: parsed.value };
  } catch (error) {
    return { failure: codeOf(error) || 'cannot be read' };
  }
}

/** What is wrong with a document that stands in more than one file. */
export function severalFiles(names: readonly string[]): string {
  return `is in ${names.join(' and ')}: keep one`;
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
