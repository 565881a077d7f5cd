import { beforeEach, describe, expect, test } from 'vitest';
import {
  addSilence,
  attempts,
  details,
  figure,
  filterBy,
  goTo,
  ledgerOn,
  numberOf,
  openMarked,
  setReceiver,
} from '../support/browser/console-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';
import { startCourier, type Started } from '../support/started.ts';

describe.runIf(requireService(chromium))('the console of npm start', () => {
  const pages = usePages();
  let courier: Started;

  beforeEach(async () => {
    courier = await startCourier();
    return () => courier.kill();
  });

  test('shows a newcomer an event, a retry and a dead letter, and sends the letter back after a dry run', async () => {
    const page = await pages.open(courier.address);

    await openMarked(page, 'delivered');
    await details(page).getByText('log/console').waitFor();
    await attempts(page).filter({ hasText: 'delivered' }).first().waitFor();
    expect(await page.evaluate<string>('location.href')).not.toContain('token');

    // The sample's story: its receiver fails at first.
    await goTo(page, 'Flow');
    await expect.poll(() => figure(page, 'webhook', 'retried').innerText()).toBe('3');
    await setReceiver(page, 'error in a 200');
    await expect.poll(() => numberOf(figure(page, 'webhook', 'letters').innerText())).toBeGreaterThan(0);
    await setReceiver(page, '200');

    await goTo(page, 'Letters');
    const group = page.getByRole('region', { name: 'refused, webhook/sample' });
    await group.getByRole('button', { name: 'Replay …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^\d+ letters? would be sent back to webhook\.$/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await goTo(page, 'Flow');
    const before = await ledgerOn(page);
    expect(before['letters']).toBeGreaterThan(0);

    await goTo(page, 'Letters');
    await group.getByRole('button', { name: 'Replay …' }).click();
    await dialog.getByRole('button', { name: /^Send [1-9]\d* back$/ }).click();
    await page.getByText('No dead letters. Nothing was given up.').waitFor();
    await goTo(page, 'Flow');
    await expect.poll(() => ledgerOn(page)).toMatchObject({ letters: 0 });
    expect((await ledgerOn(page))['replayed']).toBeGreaterThan(before['replayed'] ?? 0);
  });

  test('shows what an edited filter would let pass, saves it, sends a test, and goes back', async () => {
    const page = await pages.open(courier.address);
    await openMarked(page, 'retrying');
    await setReceiver(page, '200');
    await goTo(page, 'Destinations');
    await page.getByRole('link', { name: /^webhook\/sample/ }).click();
    const text = page.getByRole('textbox', { name: 'Document of webhook/sample, as JSON' });
    const original = await text.inputValue();
    await page.getByRole('tab', { name: 'Playground' }).click();
    const passing = page.getByRole('tabpanel').getByText(/ of the last \d+ events would go there$/);
    await passing.waitFor();
    expect(await passing.innerText()).not.toMatch(/^0 /);

    await text.fill(original.replace('"severity"', '"severities"'));
    const check = page.locator('#check-verdict');
    await check
      .getByText(/severities/)
      .first()
      .waitFor();
    expect(await check.innerText()).toMatch(/line \d+/);
    expect(await page.getByRole('button', { name: 'Save …' }).isDisabled()).toBe(true);

    const edited = original.replace(/"match": \[[^\]]*\][^\]]*\]/, '"match": [{ "reason": ["NoSuchReason"] }]');
    await text.fill(edited);
    await expect.poll(() => passing.innerText()).toMatch(/^0 of the last/);
    await page.getByRole('button', { name: 'Save …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('+').first().waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const told = await page
      .getByRole('status')
      .getByText(/^Saved as version /)
      .textContent();
    const [version = ''] = /version \w+/.exec(told ?? '') ?? [];
    await page.locator('.editor-head').getByText(version, { exact: true }).waitFor();
    expect(JSON.parse(await text.inputValue())).toEqual(JSON.parse(edited));

    await page.getByRole('button', { name: 'Send a test …' }).click();
    await dialog.getByRole('button', { name: 'Send the test' }).click();
    await dialog.getByText('Delivered.', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Roll back …' }).first().click();
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await page
      .getByRole('status')
      .getByText(/^Rolled back: /)
      .waitFor({ state: 'attached' });
    await expect.poll(() => text.inputValue()).toBe(original);
  });

  test('holds chats by a silence until it is removed', async () => {
    const page = await pages.open(courier.address);
    await goTo(page, 'Silences');
    await addSilence(page, 'rollout');
    const silence = page.getByRole('listitem').filter({ hasText: 'rollout' });
    await silence.getByText('cluster sample').waitFor();

    await goTo(page, 'Live');
    await filterBy(page, 'OOMKilling');
    await openMarked(page, 'delivered');
    const way = details(page).getByRole('listitem').filter({ hasText: 'dingtalk/sample' });
    await way.getByText(/silence.*rollout/).waitFor();
    expect(await way.innerText()).toContain('does not go there');

    await goTo(page, 'Silences');
    await page.getByRole('button', { name: 'Remove rollout' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('There are no silences.').waitFor();
  });

  test('shows the numbers that the process sums up with when it is interrupted', async () => {
    const page = await pages.open(courier.address, {
      expected: /ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)/,
    });
    // What hangs keeps the process from ending at once, so that the page sees all else come to rest. A chat would speak up meanwhile.
    await goTo(page, 'Silences');
    await addSilence(page, 'quiet');
    await goTo(page, 'Flow');
    await expect.poll(() => figure(page, 'dingtalk', 'waiting').innerText()).toBe('0');
    await expect.poll(() => figure(page, 'dingtalk', 'in flight').innerText()).toBe('0');
    await setReceiver(page, 'hangs');
    await expect.poll(() => figure(page, 'webhook', 'in flight').innerText()).not.toBe('0');

    // The page is gone when attempts that hang are cut off, which makes them retries.
    const { 'dead-lettered': letters, retried: _, ...summary } = await courier.sumUp();

    expect(summary['seen']).toBeGreaterThan(0);
    await page.getByText('reconnecting', { exact: true }).waitFor();
    expect(await ledgerOn(page)).toMatchObject({ ...summary, letters });
  });
});
