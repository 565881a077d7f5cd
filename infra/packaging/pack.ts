/**
 * What npm runs around `npm pack`: `before` builds the package's files and puts its package.json in the place of the clone's, which
 * `after` puts back, also by hand if a pack was killed. npm packs the package.json that it finds, and knows no way to have two.
 */
import { copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../discover.ts';

const manifest = join(projectFolder, 'package.json');
const kept = join(projectFolder, 'dist', 'package.json.of-the-clone');

if (process.argv[2] === 'after') {
  await rename(kept, manifest);
} else {
  const { buildPackage } = await import('./build.ts');
  const { packedManifest, PACKAGE_FOLDER } = await import('./manifest.ts');
  await buildPackage(join(projectFolder, PACKAGE_FOLDER));
  await copyFile(manifest, kept);
  await writeFile(manifest, `${JSON.stringify(packedManifest, null, 2)}\n`);
}
