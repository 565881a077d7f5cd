import { until } from '../support/relay.ts';
import { cpuSecondsOf, memoryOf } from '../support/relay-process.ts';
import { startOnCluster } from './started.ts';
import { quantile, table } from './table.ts';

const PER_SECOND = 2000;
const SECONDS = 20;

/** `npm start` on a cluster with many events, from the API server's write to the line of a `log` destination. */
export async function benchStart(): Promise<string> {
  let lines = 0;
  const putAt: number[] = [];
  const latencies: number[] = [];
  const started = await startOnCluster((line) => {
    lines += 1;
    const since = putAt[Number(/Back-off (\d+)/.exec(line)?.[1])];
    if (since !== undefined) latencies.push(performance.now() - since);
  });
  const { pid } = started.child;
  try {
    const before = await cpuSecondsOf(pid);
    const begun = performance.now();
    const total = PER_SECOND * SECONDS;
    let behindAfterFive = 0;
    for (let put = 0; put < total;) {
      const seconds = (performance.now() - begun) / 1000;
      for (const due = Math.min(total, seconds * PER_SECOND); put < due; put += 1) {
        putAt.push(performance.now());
        started.put(put);
      }
      if (seconds < 5) behindAfterFive = put - lines;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const fed = performance.now();
    await until(() => lines >= total, 'all lines', 300_000);
    const ended = performance.now();
    const { peak } = await memoryOf(pid);
    const cpu = ((await cpuSecondsOf(pid)) - before) / (total / 10_000);
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
    await started.stop();
  }
}
