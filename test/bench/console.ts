import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../support/relay-process.ts';
import { startChromium } from '../support/services/chromium.ts';
import { startOnCluster } from './started.ts';
import { table } from './table.ts';

const PER_SECOND = 100;
const MINUTES = 10;

/** `npm start` with its console open in a browser: how soon the page shows something, and what both keep in memory. */
export async function benchConsole(): Promise<string> {
  let lines = 0;
  const started = await startOnCluster(() => (lines += 1));
  const chromium = await startChromium();
  try {
    const { address, afterMs } = await started.console;
    for (let n = 0; n < PER_SECOND; n += 1) started.put(n);
    const page = await chromium.browser.newPage();
    const opened = performance.now();
    await page.goto(address);
    await page.getByText('Back-off 99').first().waitFor();
    const shownMs = performance.now() - opened;
    const session = await page.context().newCDPSession(page);
    const heap = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    const rows: (readonly string[])[] = [];
    const begun = performance.now();
    let put = PER_SECOND;
    for (let minute = 0; minute <= MINUTES; minute += 1) {
      for (; performance.now() - begun < minute * 60_000; await sleep(20))
        for (const due = ((performance.now() - begun) / 1000 + 1) * PER_SECOND; put < due; put += 1) started.put(put);
      const { now } = await memoryOf(started.child.pid);
      rows.push([`${minute} min, ${put} events`, megabytes(now), megabytes(await heap())]);
    }
    return [
      `The address came ${afterMs.toFixed(0)} ms after the process' start; the page showed an event ${shownMs.toFixed(0)} ms after it was opened. ${lines} events were delivered.`,
      '',
      table(['`npm start` with its console open, 100 events/s', 'its memory', "the page's heap"], rows),
    ].join('\n');
  } finally {
    await chromium.stop();
    await started.stop();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(bytes > 50e6 ? 0 : 1)} MB`;
}
