import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const VIEWS = ['Live', 'Flow', 'Letters', 'Destinations', 'Object', 'Silences'] as const;

/** Goes to a view as somebody with a mouse does. */
export async function goTo(page: Page, view: (typeof VIEWS)[number]): Promise<void> {
  const link = page.getByRole('navigation').getByRole('link', { name: view, exact: true });
  await link.click();
  await link.and(page.locator('[aria-current=page]')).waitFor();
}

/** The events of the Live view. */
export function rows(page: Page): Locator {
  return page.getByRole('listbox', { name: 'Events, newest first' }).getByRole('option');
}

/** What is known of the event that was chosen. */
export function details(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Event' });
}

/** A figure of a stage of the Flow view, such as `retried` of `webhook`. */
export function figure(page: Page, stage: string, name: string): Locator {
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: stage, exact: true }) });
  return card
    .locator('.figure')
    .filter({ has: page.getByText(name, { exact: true }) })
    .getByRole('definition');
}

/** Chooses how the sample's receiver answers, by the first words of the choice. */
export async function setReceiver(
  page: Page,
  answer: '200' | '429' | '500' | 'hangs' | 'error in a 200',
): Promise<void> {
  await goTo(page, 'Flow');
  const choice = page.getByRole('radio', { name: new RegExp(`^${answer} `) });
  await choice.click();
  await page.getByRole('radio', { name: new RegExp(`^${answer} `), checked: true }).waitFor();
}

/** The ledger's numbers by what they count. */
export async function ledgerOn(page: Page): Promise<Readonly<Record<string, number>>> {
  const ledger = page.getByRole('region', { name: 'Ledger' });
  const text = (await ledger.innerText()).replaceAll(',', '');
  const terms = [...text.matchAll(/(\d+)\s+(seen|delivered|filtered|letters|waiting|missing)/g)];
  const besides = [...text.matchAll(/(retried|replayed) (\d+)/g)];
  return {
    events: Number(/of (\d+) events?/.exec(text)?.[1]),
    ...Object.fromEntries(terms.map(([, number, name]) => [name, Number(number)])),
    ...Object.fromEntries(besides.map(([, name, number]) => [name, Number(number)])),
  };
}

/** Shows only events with these words, and waits until it does: the list is drawn a few times a second. */
export async function filterBy(page: Page, words: string): Promise<void> {
  const field = page.getByRole('searchbox', { name: 'Filter events' });
  await field.fill(words);
  await field.press('Enter');
  await expect.poll(() => rows(page).filter({ hasNotText: words }).count()).toBe(0);
}

/** Adds a silence of all that the sample cluster says. */
export async function addSilence(page: Page, name: string): Promise<void> {
  const fields = { Name: name, Minutes: '10', 'By whom': 'me', Why: 'a test', cluster: 'sample' };
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Silence', exact: true }).click();
  await page.getByRole('heading', { name: 'In force' }).waitFor();
}

/** Opens the newest event of which something became at some destination. The list moves under the mouse, so it is frozen first. */
export async function openMarked(page: Page, status: string): Promise<void> {
  const marked = rows(page).filter({ hasText: status });
  await expect
    .poll(async () => {
      if ((await marked.count()) === 0) return 0;
      await page.keyboard.press(' ');
      const count = await marked.count();
      if (count === 0) await page.keyboard.press(' ');
      return count;
    })
    .toBeGreaterThan(0);
  await marked.first().click();
}

/** What was answered, of the event that is open. */
export function attempts(page: Page): Locator {
  return details(page).locator('.attempt');
}

/** A figure as a number. */
export async function numberOf(text: Promise<string>): Promise<number> {
  return Number((await text).replaceAll(',', ''));
}
