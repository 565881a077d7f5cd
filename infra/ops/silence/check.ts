import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../functions/core/contract/untrusted.ts';
import { parseSilence } from '../../../functions/core/destinations/silence.ts';
import { readText } from '../events.ts';
import { placeholdersIn, type FileProblem } from '../folder.ts';
import { nameProblem } from '../folder-files.ts';

/** Every mistake in the silences of a folder, which may have none. */
export async function checkSilences(folder: string, now: number): Promise<readonly FileProblem[]> {
  const files = (await filesIn(join(folder, 'silences'))).filter((file) => !file.startsWith('.')).toSorted();
  return (await Promise.all(files.map((file) => checkFile(join(folder, 'silences', file), file, now)))).flat();
}

async function checkFile(path: string, file: string, now: number): Promise<readonly FileProblem[]> {
  const name = file.replace(/\.json$/, '');
  const wrong = name === file ? 'is not read (expected <name>.json)' : nameProblem(name);
  if (wrong !== undefined) return [{ file: path, field: '', message: wrong }];
  const text = await readText(path);
  const parsed = parseSilence(name, text, now);
  const problems = [...('problems' in parsed ? parsed.problems : []), ...placeholdersIn('document', text)];
  return problems.map((problem) => ({ file: path, ...problem }));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
