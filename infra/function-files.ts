import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { buildOptions } from './build.ts';
import type { Bundle } from './bundles.ts';

/** Writes what a function consists of, `index.mjs` and its chunks, into an empty folder. The npm package brings it built. */
export function writeFunction(bundle: Bundle, folder: string): void {
  buildSync(buildOptions(bundle, join(folder, 'index.mjs')));
}
