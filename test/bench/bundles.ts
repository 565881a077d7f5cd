import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildAll } from '../../infra/build.ts';
import { median, table } from './table.ts';

const RUNS = 5;

/** Size of every bundle, and what importing it costs in a fresh process: that is a function's cold start. */
export async function benchBundles(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'courier-bench-'));
  try {
    const files = (await buildAll(folder)).filter((file) => file.includes('functions'));
    const rows = files.map((file) => {
      const bytes = readFileSync(file);
      const runs = Array.from({ length: RUNS }, () => importCost(file));
      return [
        relative(folder, file),
        (bytes.length / 1024).toFixed(0),
        (gzipSync(bytes).length / 1024).toFixed(0),
        median(runs.map(({ ms }) => ms)).toFixed(0),
        median(runs.map(({ rssMb }) => rssMb)).toFixed(0),
      ];
    });
    return table(['bundle', 'KB', 'gzip KB', 'import ms', 'RSS MB'], rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importCost(file: string): { readonly ms: number; readonly rssMb: number } {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)});
    console.log(JSON.stringify({ ms: performance.now() - start, rssMb: process.memoryUsage.rss() / 2 ** 20 })); process.exit();`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}
