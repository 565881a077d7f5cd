import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { buildOptions, startFiles } from '../../infra/build.ts';
import { routerBundle, sinkBundle, type Bundle } from '../../infra/bundles.ts';
import { sinkTypes } from '../../infra/discover.ts';
import { median, table } from './table.ts';

const RUNS = 5;

/**
 * Every function: what is loaded when it starts, and all that is deployed; and what its import costs in a fresh process, in
 * processor time, which others on the machine cannot spend.
 */
export async function benchBundles(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  try {
    const rows: string[][] = [];
    for (const bundle of [routerBundle, ...sinkTypes().map(sinkBundle)]) rows.push(await measure(bundle, folder));
    return table(['function', 'start KB', 'start files', 'all KB', 'import CPU ms', 'RSS MB'], rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(bundle: Bundle, folder: string): Promise<string[]> {
  const file = join(folder, bundle.file);
  const { metafile } = await build({ ...buildOptions(bundle, file), metafile: true });
  const start = startFiles(metafile, 'index.mjs');
  const runs = Array.from({ length: RUNS }, () => importCost(file));
  return [
    dirname(bundle.file).replace('functions/', ''),
    kilobytes(start),
    String(start.length),
    kilobytes(Object.values(metafile.outputs)),
    median(runs.map(({ ms }) => ms)).toFixed(0),
    median(runs.map(({ rssMb }) => rssMb)).toFixed(0),
  ];
}

function kilobytes(files: readonly { readonly bytes: number }[]): string {
  return (files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024).toFixed(0);
}

function importCost(file: string): { readonly ms: number; readonly rssMb: number } {
  const script = `const before = process.cpuUsage(); await import(${JSON.stringify(file)}); const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ ms: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 2 ** 20 })); process.exit();`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}
