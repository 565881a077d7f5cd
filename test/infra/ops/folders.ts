import { afterEach } from 'vitest';
import { folderOf, remove } from './run.ts';

/** What makes a temporary folder with these files, as `folderOf` does; each is removed after its test. */
export function useFolders(): (files: Readonly<Record<string, unknown>>) => Promise<string> {
  const folders: string[] = [];
  afterEach(async () => {
    await Promise.all(folders.splice(0).map(remove));
  });
  return async (files) => {
    const created = await folderOf(files);
    folders.push(created);
    return created;
  };
}
