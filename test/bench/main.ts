/**
 * `npm run bench`, or `npm run bench -- sinks router archive start console bundles relay` for some. Machines differ and are shared: compare the
 * rows of one run with each other, not with those of another.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { benchArchive } from './archive.ts';
import { benchBundles } from './bundles.ts';
import { benchConsole } from './console.ts';
import { benchRouter, benchSinks } from './functions.ts';
import { benchStart } from './start.ts';
import '../support/languages.ts';

process.env['AWS_REGION'] ??= 'us-east-1';
process.env['AWS_ACCESS_KEY_ID'] ??= 'bench';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'bench';

const parts: Readonly<Record<string, () => Promise<string>>> = {
  bundles: benchBundles,
  router: benchRouter,
  sinks: benchSinks,
  archive: benchArchive,
  start: benchStart,
  console: benchConsole,
  async relay() {
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'relay.ts')], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
    return '';
  },
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark ${unknown}; there are: ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stdout.write(`\n## ${name}\n\n`);
  process.stdout.write(`${await bench()}\n`);
}
process.exit();
