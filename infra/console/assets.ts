import { globSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The page's two files; its document is the same for all. */
export interface Page {
  readonly script: string;
  readonly style: string;
}

/**
 * Builds the page of its sources, in memory. The npm package has another module in the place of this one, with the page as it was built.
 * @throws {Error} with what esbuild found
 */
export async function loadPage(): Promise<Page> {
  const folder = join(import.meta.dirname, 'page');
  // The other ways to build leave a process behind that waits for more.
  const { outputFiles } = buildSync({
    absWorkingDir: folder,
    entryPoints: globSync('{main.tsx,style.css}', { cwd: folder }),
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: textOf('main.js'), style: textOf('.css') };
}
