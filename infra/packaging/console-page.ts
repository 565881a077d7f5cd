import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '../console/assets.ts';

/** Where the package has the page's files. */
export const PAGE_FILES = { script: 'console/main.js', style: 'console/style.css' } as const;

/** As `infra/console/assets.ts`: built when the package was made. */
export async function loadPage(): Promise<Page> {
  const read = (file: string): Promise<string> => readFile(join(import.meta.dirname, file), 'utf8');
  return { script: await read(PAGE_FILES.script), style: await read(PAGE_FILES.style) };
}
