import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The page's two files; its document is the same for all. */
export interface Page {
  readonly script: string;
  readonly style: string;
}

/** Where the built files lie in a package, which has no sources to build them of: `main.js` and `style.css`. */
const BUILT = join(import.meta.dirname, 'built');

/** The page as it was built for a package, else built now. */
export async function loadPage(built: string = BUILT): Promise<Page> {
  if (!existsSync(built)) return buildPage();
  const read = (file: string): Promise<string> => readFile(join(built, file), 'utf8');
  return { script: await read('main.js'), style: await read('style.css') };
}

/** Builds the page of its sources, in memory. @throws {Error} with what esbuild found. */
export async function buildPage(): Promise<Page> {
  const folder = join(import.meta.dirname, 'page');
  // Only here: a package has none.
  const { buildSync } = await import('esbuild');
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
