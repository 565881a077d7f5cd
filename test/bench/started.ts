import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import manifest from '../../package.json' with { type: 'json' };
import { startApiServer } from '../support/api-server.ts';
import { until } from '../support/relay.ts';
import { writeKubeconfig } from '../support/relay-process.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
/** As the script has it. */
const [, ...START] = manifest.scripts.start.replace('exec ', '').split(' ');

/** `npm start` on a cluster of its own, with a `log` destination that takes everything. */
export interface Started {
  readonly child: ChildProcess;
  /** Puts event number n of the cluster's history. */
  put(n: number): void;
  /** The console's address, and how long after the process' start it was told, in milliseconds. */
  readonly console: Promise<{ readonly address: string; readonly afterMs: number }>;
  stop(): Promise<void>;
}

/** @param onLine gets the lines of the `log` destination */
export async function startOnCluster(
  onLine: (line: string) => void,
  options: readonly string[] = [],
): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'start-bench-'));
  const api = await startApiServer();
  await mkdir(join(folder, 'destinations', 'log'), { recursive: true });
  await writeFile(join(folder, 'destinations', 'log', 'all.json'), JSON.stringify({ repeats: 'all' }));
  const kubeconfig = await writeKubeconfig(folder, api.url);
  const begun = performance.now();
  const child = spawn(process.execPath, [...START, '--kubeconfig', kubeconfig, '--folder', folder, ...options], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  const address = new Promise<{ address: string; afterMs: number }>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, found] = /console: (\S+)$/.exec(line) ?? [];
      if (found !== undefined) resolve({ address: found, afterMs: performance.now() - begun });
    });
  });
  await until(() => api.watchCount() === 1, 'the watch', 60_000);
  return {
    child,
    put: (n) => void api.put({ name: `pod-${n % 5000}.17d${n % 5000}`, message: `Back-off ${n} ${'x'.repeat(150)}` }),
    console: address,
    async stop() {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      await Promise.all([api.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
