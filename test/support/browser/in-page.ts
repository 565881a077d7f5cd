import type { Page } from 'playwright-core';

// These are texts because tests are checked without the types of a browser.

/** Runs before the page's own script: what a policy forbids is told as an error of the console. */
export const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  console.error('content security policy: ' + effectiveDirective + ' ' + blockedURI));`;

/** What stands still in a good page: the sum of its layout shifts that no input explains, as the browser scores them. */
export async function layoutShift(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const observer = new PerformanceObserver(() => undefined);
    observer.observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => setTimeout(() => {
      const moved = observer.takeRecords().filter(({ hadRecentInput }) => !hadRecentInput);
      observer.disconnect();
      resolve(moved.reduce((sum, { value }) => sum + value, 0));
    }));
  })`);
}
