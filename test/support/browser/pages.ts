import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startChromium, type ChromiumService } from '../services/chromium.ts';
import { TELL_VIOLATIONS } from './in-page.ts';
import { saveScreenshot } from './screenshot.ts';

export const THEMES = ['dark', 'light'] as const;
export const WIDTHS = [1280, 390] as const;

export interface Look {
  readonly theme?: (typeof THEMES)[number];
  readonly width?: (typeof WIDTHS)[number];
  /** What the page cannot help saying, such as that a server which a test stopped is not there. */
  readonly expected?: RegExp;
}

export interface Pages {
  /** Opens the address of a console in a browser that knows nothing of it yet. */
  open(address: string, look?: Look): Promise<Page>;
  browser(): Browser;
}

interface Watched {
  readonly page: Page;
  readonly faults: readonly string[];
}

/**
 * A browser for the tests of a file. Whatever they do: a page that says an error or a warning, throws, violates its policy or asks
 * anything of another origin than its own fails the test.
 */
export function usePages(): Pages {
  let service: ChromiumService | undefined;
  let watched: Watched[] = [];

  beforeAll(async () => {
    service = await startChromium();
  });
  afterEach(async ({ task }) => {
    const all = watched;
    watched = [];
    if (task.result?.state === 'fail')
      await Promise.all(all.map(({ page }, index) => saveScreenshot(page, `failed/${task.name}-${index}`)));
    await Promise.all(all.map(({ page }) => page.context().close()));
    expect(all.flatMap(({ faults }) => faults)).toEqual([]);
  });
  afterAll(() => service?.stop());

  function browser(): Browser {
    if (!service) throw new Error('there is no browser before the tests');
    return service.browser;
  }

  return {
    browser,
    async open(address, { theme = 'dark', width = 1280, expected } = {}) {
      const context = await browser().newContext({
        locale: 'en-US',
        colorScheme: theme,
        viewport: { width, height: 800 },
      });
      // A test's own bound is the last one; these say where it stood.
      context.setDefaultTimeout(60_000);
      await context.addInitScript(TELL_VIOLATIONS);
      const page = await context.newPage();
      watched.push({ page, faults: faultsOf(page, new URL(address).origin, expected) });
      await page.goto(address);
      return page;
    },
  };
}

function faultsOf(page: Page, origin: string, expected: RegExp | undefined): readonly string[] {
  const faults: string[] = [];
  const add = (fault: string): void => {
    if (expected?.test(fault) !== true) faults.push(fault);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) add(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => add(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') add(`request to ${request.url()}`);
  });
  return faults;
}
