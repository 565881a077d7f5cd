import { join } from 'node:path';

import { run } from './run.ts';

/** Puts the packages of a lock beside this file into a folder, where `PYTHONPATH` finds them. No dependency is looked up. */
export async function installPythonPackages(folder: string, lock: string): Promise<void> {
  const requirements = join(import.meta.dirname, lock);
  await run('python3', ['-m', 'pip', 'install', '-q', '--no-deps', '--target', folder, '-r', requirements]);
}
