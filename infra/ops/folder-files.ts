import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { severalFiles } from '../../functions/core/destinations/file-source.ts';
import { OpsError } from './command.ts';
import { fileProblem } from './events.ts';
import { typeProblem } from './sinks.ts';

/** A file of a destination, `<type>/<name>` with an ending. */
export interface DocumentFile {
  readonly type: string;
  readonly name: string;
  readonly file: string;
}

/** What in a folder is no destination's file, and why. */
export interface Unread {
  readonly file: string;
  readonly message: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** What is wrong with a destination's name, if anything: it becomes part of a parameter's name. */
export function nameProblem(name: string): string | undefined {
  return NAME.test(name) ? undefined : `${name} is no name (allowed: letters, digits, . _ -, at most 100)`;
}

/** The files `<root>/<type>/<name><ending>`, each destination's only one, and what else there is. */
export async function listDocuments(
  root: string,
  endings: readonly string[],
  optional?: 'optional',
): Promise<{ readonly files: readonly DocumentFile[]; readonly unread: readonly Unread[] }> {
  const found: DocumentFile[] = [];
  const unread: Unread[] = [];
  const expected = `<name>${endings.join(' or ')}`;
  for (const type of await list(root, optional)) {
    const folder = join(root, type.name);
    if (!type.isDirectory()) {
      unread.push({ file: folder, message: `is not read (expected <type>/${expected})` });
      continue;
    }
    const problem = typeProblem(type.name);
    if (problem !== undefined) unread.push({ file: folder, message: problem });
    for (const entry of await list(folder)) {
      const file = join(folder, entry.name);
      const end = endings.find((each) => entry.name.endsWith(each));
      const name = entry.name.slice(0, -(end?.length ?? 0));
      const wrong = end === undefined ? `is not read (expected ${expected})` : nameProblem(name);
      if (wrong !== undefined) unread.push({ file, message: wrong });
      else if (problem === undefined) found.push({ type: type.name, name, file });
    }
  }
  const files: DocumentFile[] = [];
  for (const alike of Map.groupBy(found, ({ type, name }) => `${type}/${name}`).values()) {
    const [only] = alike;
    if (only === undefined) continue;
    if (alike.length === 1) files.push(only);
    else {
      const message = severalFiles(alike.map(({ file }) => basename(file)));
      unread.push({ file: join(root, only.type, only.name), message });
    }
  }
  return { files, unread };
}

async function list(folder: string, optional?: 'optional') {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && optional) return [];
    throw new OpsError(`${folder}: ${fileProblem(error)}`);
  }
}

/** Writes a file of a folder, and the folders that it is in. @throws {OpsError} that names it. */
export async function writeDocument(file: string, text: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode });
  } catch (error) {
    throw new OpsError(`${file}: ${fileProblem(error)}`);
  }
}
