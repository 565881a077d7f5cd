import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildEach, buildOptions } from '../build.ts';
import type { Bundle } from '../bundles.ts';
import { CHUNK_LISTS } from './function-files.ts';

/**
 * Builds functions into a folder, each chunk that several have only once: it is named by its content, and four of five are alike.
 * @returns the files that all was built from
 */
export async function buildFunctions(bundles: readonly Bundle[], folder: string): Promise<readonly string[]> {
  const chunks = join(folder, dirname(CHUNK_LISTS));
  await mkdir(chunks, { recursive: true });
  const results = await buildEach(
    bundles.map((bundle) => ({ ...buildOptions(bundle, join(folder, bundle.file)), metafile: true, write: false })),
  );
  const lists = new Map<string, readonly string[]>();
  for (const [index, { outputFiles = [] }] of results.entries()) {
    const { file = '' } = bundles[index] ?? {};
    const shared = outputFiles.filter(({ path }) => path !== join(folder, file));
    lists.set(
      file,
      shared.map(({ path }) => basename(path)),
    );
    await mkdir(join(folder, dirname(file)), { recursive: true });
    for (const { path, contents } of outputFiles)
      await writeFile(shared.some((each) => each.path === path) ? join(chunks, basename(path)) : path, contents);
  }
  await writeFile(join(folder, CHUNK_LISTS), JSON.stringify(Object.fromEntries(lists)));
  return results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
}
