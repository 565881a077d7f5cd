import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violationsOn } from '../support/browser/axe.ts';
import { addSilence, details, figure, goTo, openMarked, setReceiver } from '../support/browser/console-page.ts';
import { layoutShift } from '../support/browser/in-page.ts';
import { THEMES, usePages, WIDTHS } from '../support/browser/pages.ts';
import { saveScreenshot } from '../support/browser/screenshot.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';
import { startCourier, type Started } from '../support/started.ts';

describe.runIf(requireService(chromium))('every view of the console', () => {
  const pages = usePages();
  let courier: Started | undefined;

  beforeAll(async () => {
    courier = await startCourier();
  });
  afterAll(() => courier?.kill());

  const LOOKS = THEMES.flatMap((theme) => WIDTHS.map((width) => ({ theme, width })));

  test.for(LOOKS)('is accessible, $theme and $width pixels wide', async ({ theme, width }) => {
    const page = await pages.open(courier?.address ?? '', { theme, width });
    const look = async (name: string): Promise<void> => {
      await saveScreenshot(page, `${name}-${theme}-${width}`);
      expect.soft(await violationsOn(page), name).toEqual([]);
    };

    // There is something to see everywhere.
    await setReceiver(page, 'error in a 200');
    await expect.poll(() => figure(page, 'webhook', 'letters').innerText()).not.toBe('0');
    await look('flow');

    await goTo(page, 'Live');
    await openMarked(page, 'delivered');
    await details(page).getByText('log/console').waitFor();
    await look('event');
    const timeline = details(page).getByRole('link', { name: 'Timeline of this object' });
    const object = await timeline.getAttribute('href');
    await details(page).getByRole('button', { name: 'Close' }).click();
    await look('live');

    await goTo(page, 'Letters');
    await page
      .getByText(/^Newest \d+$/)
      .first()
      .click();
    await look('letters');
    await page.getByRole('button', { name: 'Replay …' }).first().click();
    await page.getByText(/would be sent back to webhook/).waitFor();
    await look('replay');
    await page.getByRole('button', { name: 'Cancel' }).click();

    await goTo(page, 'Destinations');
    await look('destinations');
    await page.getByRole('link', { name: /^dingtalk\/sample/ }).click();
    await page.locator('.check-verdict').getByText('Valid').waitFor();
    for (const tab of ['Preview', 'Playground', 'Fields', 'Versions']) {
      await page.getByRole('tab', { name: tab }).click();
      await look(`destination-${tab.toLowerCase()}`);
    }
    await open(page, '#/destinations/new');
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await look('new-destination');

    await goTo(page, 'Object');
    await look('find-object');
    await open(page, object ?? '');
    await page.getByRole('list', { name: /^Timeline of/ }).waitFor();
    await look('object');

    await goTo(page, 'Silences');
    await addSilence(page, `rollout-${theme}-${width}`);
    await look('silences');

    await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))");
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await look('keys');
  });

  test.for(WIDTHS)('stands still while events come and figures change, %i pixels wide', async (width) => {
    const page = await pages.open(courier?.address ?? '', { width });
    for (const view of ['Live', 'Flow'] as const) {
      await goTo(page, view);
      const rate = page.locator('.bar-count, .rate-figure');
      for (let changes = 0; changes < 3; changes += 1) {
        const before = await rate.innerText();
        await expect.poll(() => rate.innerText()).not.toBe(before);
      }
    }

    expect(await layoutShift(page)).toBeLessThan(0.01);
  });
});

async function open(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}
