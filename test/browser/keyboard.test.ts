import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { details, figure, goTo, ledgerOn, rows, setReceiver, VIEWS } from '../support/browser/console-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';
import { startCourier, type Started } from '../support/started.ts';

const MOST_TABS = 120;

describe.runIf(requireService(chromium))('the console by keyboard alone', () => {
  const pages = usePages();
  let courier: Started;

  beforeEach(async () => {
    courier = await startCourier();
    return () => courier.kill();
  });

  test('opens an event, freezes, replays letters, saves a destination and silences', async () => {
    const page = await pages.open(courier.address);
    const { keyboard } = page;
    await rows(page).first().waitFor();
    await keyboard.press('Tab');
    await expectFocus(page.getByRole('link', { name: 'Skip to the content' }));
    await keyboard.press('Enter');
    await expectFocus(page.getByRole('main'));

    await keyboard.press('j');
    await details(page).waitFor();
    await keyboard.press('Enter');
    await expectFocus(details(page).getByRole('heading', { level: 2 }));
    await keyboard.press('Escape');
    await expect.poll(() => details(page).count()).toBe(0);
    const fresh = page.locator('.fresh');
    await expect.poll(() => fresh.isEnabled()).toBe(true);
    await keyboard.press(' ');
    await expect.poll(() => fresh.isEnabled()).toBe(false);
    await keyboard.press('/');
    await expectFocus(page.getByRole('searchbox', { name: 'Filter events' }));
    await keyboard.type('no such words');
    await page.getByText(/^None of the last/).waitFor();
    await keyboard.press('Escape');

    await keyboard.press('2');
    await tabTo(page, page.getByRole('radio', { checked: true }));
    await keyboard.press('ArrowLeft');
    await page.getByRole('radio', { name: /^error in a 200/, checked: true }).waitFor();
    await expect.poll(() => figure(page, 'webhook', 'letters').innerText()).not.toBe('0');
    await keyboard.press('ArrowRight');
    await page.getByRole('radio', { name: /^200/, checked: true }).waitFor();

    await keyboard.press('3');
    await tabTo(page, page.getByRole('button', { name: 'Replay …' }).first());
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: /^Send [1-9]\d* back$/ }));
    await keyboard.press('Enter');
    await page.getByText('No dead letters. Nothing was given up.').waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);

    await keyboard.press('4');
    await page.getByRole('link', { name: /^log\/console/ }).waitFor();
    await keyboard.press('j');
    await keyboard.press('j');
    await expectFocus(page.getByRole('link', { name: /^log\/console/ }));
    await keyboard.press('Enter');
    const text = page.getByRole('textbox', { name: 'Document of log/console, as JSON' });
    await tabTo(page, text);
    await keyboard.press('ControlOrMeta+a');
    await keyboard.insertText('{ "format": "json" }');
    await expect.poll(() => page.getByRole('button', { name: 'Save …' }).isEnabled()).toBe(true);
    await keyboard.press('ControlOrMeta+s');
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }));
    await keyboard.press('Enter');
    await page
      .getByRole('status')
      .getByText(/^Saved as version /)
      .waitFor({ state: 'attached' });

    await keyboard.press('6');
    for (const [field, value] of Object.entries({
      Name: 'rollout',
      'By whom': 'me',
      Why: 'tests',
      namespace: 'shop',
    })) {
      await tabTo(page, page.getByLabel(field, { exact: true }));
      await keyboard.type(value);
    }
    await keyboard.press('Enter');
    await page.getByText('namespace shop', { exact: true }).waitFor();
    await keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('reaches everything there is in every view', async () => {
    const page = await pages.open(courier.address);
    await setReceiver(page, 'error in a 200');
    await expect.poll(async () => (await ledgerOn(page))['letters']).toBeGreaterThan(0);
    for (const view of VIEWS) {
      await goTo(page, view);
      await expect.poll(() => page.getByText('Loading …').count()).toBe(0);
      await expectAllReached(page);
    }
    await page.evaluate('location.hash = "#/destinations/webhook/sample"');
    await page.locator('.previews').waitFor();
    await expectAllReached(page);
  });
});

const NOTE_FOCUS = `globalThis.reached = new Set();
  addEventListener('focusin', ({ target }) => globalThis.reached.add(target));`;

/** What can be pressed, typed in or scrolled, and never had the focus. In a group of choices the focus is on the chosen one, and arrows move. */
const UNREACHED = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled)
  .filter(({ tabIndex, role }) => tabIndex >= 0 || !['radio', 'tab', null].includes(role))
  .filter((element) => !globalThis.reached.has(element))
  .map((element) => element.outerHTML.slice(0, 200))`;

/** Views change while Tab goes through them: it may take more than one round. */
async function expectAllReached(page: Page): Promise<void> {
  await page.evaluate(NOTE_FOCUS);
  const unreached = async (): Promise<readonly string[]> => {
    for (let tabs = 0; tabs < MOST_TABS; tabs += 1) await page.keyboard.press('Tab');
    return page.evaluate<readonly string[]>(UNREACHED);
  };
  await expect.poll(unreached).toEqual([]);
}

async function expectFocus(element: Locator): Promise<void> {
  await expect.poll(() => isFocused(element)).toBe(true);
}

async function isFocused(element: Locator): Promise<boolean> {
  return (await element.and(element.page().locator(':focus')).count()) > 0;
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, element: Locator): Promise<void> {
  await element.waitFor();
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await isFocused(element)) return;
    await page.keyboard.press('Tab');
  }
  expect.fail(`no Tab leads to ${String(element)}`);
}
