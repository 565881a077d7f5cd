import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import manifest from '../../package.json' with { type: 'json' };
import { startApiServer } from '../support/api-server.ts';
import { until } from '../support/relay.ts';
import { cpuSecondsOf, memoryOf, writeKubeconfig } from '../support/relay-process.ts';
import { quantile, table } from './table.ts';

const PER_SECOND = 2000;
const SECONDS = 20;
const PROJECT = join(import.meta.dirname, '..', '..');
/** As the script has it. */
const [, ...START] = manifest.scripts.start.replace('exec ', '').split(' ');

/** `npm start` on a cluster with many events, from the API server's write to the line of a `log` destination. */
export async function benchStart(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'start-bench-'));
  const api = await startApiServer();
  await mkdir(join(folder, 'destinations', 'log'), { recursive: true });
  await writeFile(join(folder, 'destinations', 'log', 'all.json'), JSON.stringify({ repeats: 'all' }));
  const kubeconfig = await writeKubeconfig(folder, api.url);
  const started = spawn(process.execPath, [...START, '--kubeconfig', kubeconfig, '--folder', folder], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    let lines = 0;
    const putAt: number[] = [];
    const latencies: number[] = [];
    createInterface({ input: started.stdout }).on('line', (line) => {
      lines += 1;
      const since = putAt[Number(/Back-off (\d+)/.exec(line)?.[1])];
      if (since !== undefined) latencies.push(performance.now() - since);
    });
    await until(() => api.watchCount() === 1, 'the watch', 60_000);
    const before = await cpuSecondsOf(started.pid);
    const begun = performance.now();
    const total = PER_SECOND * SECONDS;
    let behindAfterFive = 0;
    for (let put = 0; put < total;) {
      const seconds = (performance.now() - begun) / 1000;
      for (const due = Math.min(total, seconds * PER_SECOND); put < due; put += 1) {
        putAt.push(performance.now());
        api.put({ name: `pod-${put % 5000}.17d${put % 5000}`, message: `Back-off ${put} ${'x'.repeat(150)}` });
      }
      if (seconds < 5) behindAfterFive = put - lines;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const fed = performance.now();
    await until(() => lines >= total, 'all lines', 300_000);
    const ended = performance.now();
    const { peak } = await memoryOf(started.pid);
    const cpu = ((await cpuSecondsOf(started.pid)) - before) / (total / 10_000);
    const sorted = latencies.toSorted((a, b) => a - b);
    const latency = [0.5, 0.99].map((share) => Math.round(quantile(sorted, share)));
    return table(
      ['npm start, events at a `log` destination', 'measured'],
      [
        [`put in ${SECONDS} s`, String(total)],
        ['delivered a second', String(Math.round(total / ((ended - begun) / 1000)))],
        ['behind after five seconds', `${behindAfterFive} events`],
        ['behind at the end', `${((ended - fed) / 1000).toFixed(1)} s`],
        ['from write to line, median and p99', `${latency.join(' and ')} ms`],
        ['processor time for 10,000 events', `${cpu.toFixed(1)} s`],
        ['memory, peak', `${Math.round(peak / 1024 ** 2)} MB`],
      ],
    );
  } finally {
    if (started.exitCode === null && started.kill('SIGKILL')) await once(started, 'exit');
    await Promise.all([api.close(), rm(folder, { recursive: true, force: true })]);
  }
}
