import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { KEPT_EVENTS } from '../../infra/console/page/live/feed.ts';
import { goTo, ledgerOn, rows } from '../support/browser/console-page.ts';
import { layoutShift } from '../support/browser/in-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { startApiServer, type ScriptedApiServer } from '../support/api-server.ts';
import { createDestinationsFolder, type DestinationsFolder } from '../support/embedded.ts';
import { until } from '../support/relay.ts';
import { writeKubeconfig } from '../support/relay-process.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';
import { startCourier, type Started } from '../support/started.ts';

const PER_SECOND = 2000;
const SECONDS = 30;
const TOTAL = PER_SECOND * SECONDS;
/** A machine with much else to do takes many times what the feed does: it is what hangs that this ends. */
const DRAIN_MS = 600_000;
const LIMIT_MS = 900_000;
/** Far more than the rows on the screen are. */
const MOST_NODES = 5000;
/** From when as many events are kept as ever will be: half of what those that came afterwards would take. */
const MOST_GROWTH_BYTES = 3 * 1024 * 1024;

describe.runIf(requireService(chromium))('the console under load', () => {
  let courier: Started | undefined;
  let api: ScriptedApiServer | undefined;
  let folder: DestinationsFolder | undefined;
  // Pages are closed before the console is: hooks run in reverse.
  afterEach(async () => {
    await courier?.kill();
    await Promise.all([api?.close(), folder?.remove()]);
    courier = api = folder = undefined;
  });
  const pages = usePages();

  test('moves on, obeys keys and stays small while 2,000 events a second come', { timeout: LIMIT_MS }, async () => {
    folder = await createDestinationsFolder();
    await folder.write('destinations/log/all', { repeats: 'all' });
    const server = await startApiServer();
    api = server;
    courier = await startCourier(
      '--kubeconfig',
      await writeKubeconfig(folder.path, server.url),
      '--folder',
      folder.path,
    );
    const page = await pages.open(courier.address);
    await page.getByText('No events yet.').waitFor();
    await until(() => server.watchCount() === 1, 'the watch');
    const session = await page.context().newCDPSession(page);
    await page.evaluate(COUNT_FRAMES);

    let isFeeding = true;
    const fed = feed(server).finally(() => (isFeeding = false));
    let answered = 0;
    let full: Size | undefined;
    while (isFeeding) {
      // The last events may have come when it begins to wait for more.
      await obeysSpace(page, (changed) => until(async () => !isFeeding || (await changed()), 'what a key does'));
      answered += 1;
      if ((await page.locator('.bar-count').innerText()).endsWith(` ${KEPT_EVENTS}`)) full ??= await sizeOf(session);
    }
    await fed;

    expect(answered).toBeGreaterThan(2);
    // Ten a second are drawn; far fewer are what a frozen page draws.
    expect(await page.evaluate<number>('frames')).toBeGreaterThan(SECONDS);
    expect(await layoutShift(page)).toBeLessThan(0.01);
    await goTo(page, 'Flow');
    await expect
      .poll(() => ledgerOn(page), { timeout: DRAIN_MS })
      .toMatchObject({ events: TOTAL, seen: TOTAL, delivered: TOTAL, waiting: 0, letters: 0 });
    await goTo(page, 'Live');
    await page.getByText(/came too fast to be shown one by one; they were delivered all the same/).waitFor();

    const { nodes, heap } = await sizeOf(session);
    expect(nodes).toBeLessThan(MOST_NODES);
    expect(heap - (full?.heap ?? heap)).toBeLessThan(MOST_GROWTH_BYTES);
    await page.close();
    expect(await courier.sumUp()).toMatchObject({ events: TOTAL, delivered: TOTAL, waiting: 0 });
  });
});

const COUNT_FRAMES = `globalThis.frames = 0;
  (function count() { globalThis.frames += 1; requestAnimationFrame(count); })()`;

/** As the benchmark of the start feeds it: by the clock, so that a busy machine is behind for a moment, and catches up. */
async function feed(api: ScriptedApiServer): Promise<void> {
  const begun = performance.now();
  for (let put = 0; put < TOTAL;) {
    const due = Math.min(TOTAL, ((performance.now() - begun) / 1000) * PER_SECOND);
    for (; put < due; put += 1)
      api.put({ name: `pod-${put % 5000}.17d${put % 5000}`, message: `Back-off ${put} ${'x'.repeat(150)}` });
    await sleep(5);
  }
}

/** Freezes the list by a key, sees it stand still while events come, and lets it go on by the same key. */
async function obeysSpace(page: Page, wait: (changed: () => Promise<boolean>) => Promise<void>): Promise<void> {
  const button = page.locator('.fresh');
  await rows(page).first().waitFor();
  await page.keyboard.press(' ');
  await expect.poll(() => button.isEnabled()).toBe(true);
  const [still, fresh] = [await newest(page), await button.innerText()];
  await wait(async () => (await button.innerText()) !== fresh);
  expect(await newest(page)).toBe(still);
  await page.keyboard.press(' ');
  await expect.poll(() => button.isEnabled()).toBe(false);
  await wait(async () => (await newest(page)) !== still);
}

/** The row on top. */
async function newest(page: Page): Promise<string | null> {
  return rows(page).first().getAttribute('id');
}

interface Size {
  readonly nodes: number;
  /** In bytes, of its script. */
  readonly heap: number;
}

/** What the page holds on to, after all else was thrown away. */
async function sizeOf(session: CDPSession): Promise<Size> {
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return { nodes, heap: usedSize };
}
