import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bundle } from '../bundles.ts';

/** Where the package says which chunks are of which function, by the function's file; the chunks are beside it. */
export const CHUNK_LISTS = 'functions/chunks/lists.json';

/** As `infra/function-files.ts`: built when the package was made, with what functions have in common once for all. */
export function writeFunction({ file }: Bundle, folder: string): void {
  const lists: Readonly<Record<string, readonly string[]>> = JSON.parse(
    readFileSync(join(import.meta.dirname, CHUNK_LISTS), 'utf8'),
  );
  copyFileSync(join(import.meta.dirname, file), join(folder, 'index.mjs'));
  mkdirSync(join(folder, 'chunks'));
  for (const chunk of lists[file] ?? [])
    copyFileSync(join(import.meta.dirname, dirname(CHUNK_LISTS), chunk), join(folder, 'chunks', chunk));
}
