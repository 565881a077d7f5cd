import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { rows } from '../support/browser/console-page.ts';
import { usePages } from '../support/browser/pages.ts';
import { serveConsole, type ServedConsole, type ServedOptions } from '../support/browser/served-console.ts';
import { numberedEvent } from '../support/chat.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';

/** What a browser itself says of a server that is not there, or does not know the token. */
const expected = /^error: Failed to load resource/;

describe.runIf(requireService(chromium))('a page whose console goes away', () => {
  const pages = usePages();
  let served: ServedConsole | undefined;

  afterEach(async () => {
    await served?.stop();
    served = undefined;
  });

  async function serve(options: ServedOptions = {}): Promise<ServedConsole> {
    served = await serveConsole(options);
    return served;
  }

  test('says so, keeps what it had, and goes on once the console is started again with its port and token', async () => {
    const first = await serve();
    first.tell(numberedEvent(1));
    const page = await pages.open(first.address, { expected });
    await expect.poll(() => objects(page)).toEqual(['api-1']);

    await first.stop();
    await state(page, 'reconnecting');
    expect(await objects(page)).toEqual(['api-1']);

    const second = await serve({ port: first.port, token: first.token });
    await state(page, 'live');
    second.tell(numberedEvent(2));
    await expect.poll(() => objects(page)).toEqual(['api-2']);
  });

  test('asks for the address of a console that was started with another token', async () => {
    const first = await serve();
    const page = await pages.open(first.address, { expected });
    await state(page, 'live');

    await first.stop();
    const second = await serve({ port: first.port, token: 'another' });
    await page.getByText(/^Copy the whole address that the terminal printed/).waitFor();

    second.tell(numberedEvent(7));
    await page.goto(second.address);
    await expect.poll(() => objects(page)).toEqual(['api-7']);
  });

  test.for(['', '#token=wrong'])('asks for the address where it was opened with %j', async (fragment) => {
    const { address } = await serve();

    const page = await pages.open(address.replace(/#.*/, fragment), { expected });

    await expect.poll(() => page.getByRole('heading').allInnerTexts()).toEqual(['This page needs its token']);
  });
});

async function state(page: Page, text: string): Promise<void> {
  await page.locator('.stream').getByText(text, { exact: true }).waitFor();
}

/** The names of the events' objects, the newest first. */
async function objects(page: Page): Promise<readonly string[]> {
  const texts = await rows(page).locator('.row-object').allInnerTexts();
  return texts.map((text) => text.split('/').at(-1) ?? '');
}
