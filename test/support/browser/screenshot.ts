import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** In the checkout, and in no commit. */
const FOLDER = join(import.meta.dirname, '../../../.cache/screenshots');

/** Keeps what a page looks like, for people to look at. */
export async function saveScreenshot(page: Page, name: string): Promise<void> {
  const file = `${name.replaceAll(/[^A-Za-z0-9/]+/g, '-').slice(0, 100)}.png`;
  await page.screenshot({ path: join(FOLDER, file) });
}
