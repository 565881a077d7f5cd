import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  attempts,
  figure,
  goTo,
  ledgerOn,
  numberOf,
  openMarked,
  rows,
  setReceiver,
} from '../support/browser/console-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';
import { startCourier, type Started } from '../support/started.ts';

describe.runIf(requireService(chromium))("the switch of the sample's receiver", () => {
  const pages = usePages();
  let courier: Started;

  beforeEach(async () => {
    courier = await startCourier();
    return () => courier.kill();
  });

  test.for([
    ['429', 'retrying', 'http_429'],
    ['500', 'retrying', 'http_500'],
    ['error in a 200', 'dead letter', 'refused'],
  ] as const)('shows of a receiver that answers %s what becomes of the events', async ([answer, status, code]) => {
    const page = await pages.open(courier.address);
    await untilCalm(page);
    await setReceiver(page, answer);

    await goTo(page, 'Live');
    await openMarked(page, status);
    await attempts(page).filter({ hasText: status }).filter({ hasText: code }).first().waitFor();

    await goTo(page, 'Flow');
    const fate = status === 'retrying' ? 'retried' : 'letters';
    await expect.poll(() => numberOf(figure(page, 'webhook', fate).innerText())).toBeGreaterThan(0);
    const choice = page.getByRole('radio', { name: new RegExp(`^${answer} `) });
    await expect.poll(() => choice.innerText()).toMatch(/[1-9]\d* answered so/);
    expect(await ledgerOn(page)).not.toHaveProperty('missing');
  });

  test('shows a receiver that hangs, and how it catches up afterwards', async () => {
    const page = await pages.open(courier.address);
    await setReceiver(page, 'hangs');
    // Both invocations of the function wait for it, each with several events.
    const webhook = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'webhook' }) });
    await expect
      .poll(() => webhook.innerText())
      .toContain('webhook/sample fails, and its events are tried again: timeout');
    expect(await numberOf(figure(page, 'webhook', 'waiting').innerText())).toBeGreaterThan(0);

    await setReceiver(page, '200');
    await expect.poll(() => figure(page, 'webhook', 'waiting').innerText()).toBe('0');
    expect(await ledgerOn(page)).not.toHaveProperty('missing');
  });
});

/** The sample's own story has failures of its own at first: until they are past. */
async function untilCalm(page: Page): Promise<void> {
  await goTo(page, 'Flow');
  await expect.poll(() => figure(page, 'webhook', 'retried').innerText()).toBe('3');
  await setReceiver(page, '200');
  await goTo(page, 'Live');
  await expect.poll(() => rows(page).filter({ hasText: 'retrying' }).count()).toBe(0);
}
