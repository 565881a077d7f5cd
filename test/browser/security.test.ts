import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { sampleEvent } from '../../functions/core/contract/sample.ts';
import type { EventLine } from '../../infra/console/contract.ts';
import { sinkTypes } from '../../infra/discover.ts';
import { eventLine } from '../../infra/console/event-line.ts';
import { details, goTo, rows, VIEWS } from '../support/browser/console-page.ts';
import { usePages, WIDTHS } from '../support/browser/pages.ts';
import { serveConsole, type ServedConsole } from '../support/browser/served-console.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import { chromium } from '../support/services/chromium.ts';
import { requireService } from '../support/services/service.ts';

/** Whatever of it is taken for markup says so in the browser's console, which fails the test. */
const HOSTILE = [
  '<script>console.error("ran")</script>',
  '<img src=x onerror=\'console.error("ran")\'>',
  '"><svg onload=\'console.error("ran")\'>',
  'javascript:console.error("ran")',
  '\u202Egnp.exe\u2066',
  '{{ 7 * 7 }}',
].join(' ');
const LONG = 'x'.repeat(50_000);

describe.runIf(requireService(chromium))('the console in a browser', () => {
  let served: ServedConsole | undefined;
  let other: HttpServer | undefined;
  // Pages are closed before what they show: hooks run in reverse.
  afterEach(async () => {
    await Promise.all([served?.stop(), other?.stop()]);
    served = other = undefined;
  });
  const pages = usePages();

  test.for(WIDTHS)('shows what means harm as text, wherever it stands, %i pixels wide', async (width) => {
    const event = hostileEvent();
    const line = eventLine(event);
    served = await serveConsole({ documents: documents(), source: hostileSource(line) });
    served.tell(event);
    const page = await pages.open(served.address, { width });

    await rows(page).first().click();
    await details(page).getByText('<script>').first().waitFor();
    await details(page).getByText('Document', { exact: true }).click();
    expect(await details(page).innerText()).not.toMatch(/[\u202E\u2066]/);
    await details(page).getByRole('link', { name: 'Timeline of this object' }).click();
    await page.getByText('<img src=x').first().waitFor();
    await expectPlain();
    await goTo(page, 'Live');
    await details(page).getByRole('button', { name: 'Close' }).click();
    for (const view of VIEWS) {
      await goTo(page, view);
      await expectPlain();
    }
    await goTo(page, 'Letters');
    await page.getByText('Newest 1').click();
    await page.getByText('<script>').first().waitFor();
    await expectPlain();
    for (const type of ['slack', 'email', 'dingtalk', 'telegram']) {
      await goTo(page, 'Destinations');
      await page.getByRole('link', { name: new RegExp(`^${type}/harm`) }).click();
      await page.getByRole('tabpanel').getByText('console.error').first().waitFor();
      await page.getByRole('tab', { name: 'Playground' }).click();
      await page
        .getByText(/of the last 1 events? would go there/)
        .first()
        .waitFor();
      await expectPlain();
    }

    async function expectPlain(): Promise<void> {
      // The script is the page's own.
      expect(await page.locator('img, iframe, object, embed, body script').count()).toBe(0);
      expect(await page.locator('[href^="javascript:" i], [onerror], [onload]').count()).toBe(0);
      const overflow = 'document.documentElement.scrollWidth - innerWidth';
      expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0);
    }
  });

  test('cannot be read, called or framed by a page of another origin', async () => {
    const set: string[] = [];
    const receiver = {
      read: () => ({ behaviour: 'ok', destination: 'webhook/sample', answered: {} }) as const,
      set: (behaviour: string) => void set.push(behaviour),
    };
    served = await serveConsole({ source: { receiver } });
    const origin = new URL(served.address).origin;
    other = await startHttpServer(() => ({ headers: { 'content-type': 'text/html' }, body: '<h1>another</h1>' }));
    // All that the other page causes is a fault of its own.
    const page = await pages.open(other.url, { expected: /./ });
    const authorized = { Authorization: `Bearer ${served.token}` };
    const put = { method: 'PUT', body: '{"behaviour":"fail"}' };
    const tries: readonly [path: string, init: object][] = [
      ['/', {}],
      ['/api/about', {}],
      ['/api/about', { headers: authorized }],
      ['/api/stream', { headers: authorized }],
      ['/api/receiver', { ...put, headers: { ...authorized, 'Content-Type': 'application/json' } }],
      ['/api/receiver', { ...put, method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }],
    ];
    const outcomes = await page.evaluate<readonly string[]>(
      `Promise.all(${JSON.stringify(tries)}.map(([path, init]) =>
        fetch(${JSON.stringify(origin)} + path, init).then((reply) => reply.text(), () => 'refused')))`,
    );
    expect(outcomes).toEqual(tries.map(() => 'refused'));
    expect(set).toEqual([]);

    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = ${JSON.stringify(served.address)};
      document.body.append(frame);
    })`);
    const frame = page.frames().find((each) => each !== page.mainFrame());
    expect(frame?.url()).not.toContain(origin);
    expect(await frame?.locator('#root').count()).toBe(0);

    const opened = await page.evaluate<string>(`(() => {
      const opened = open(${JSON.stringify(served.address)});
      return new Promise((resolve) => setInterval(() => { if (!opened || opened.closed) resolve('cut off'); }, 50));
    })()`);
    expect(opened).toBe('cut off');
  });
});

function hostileEvent(): ClusterEvent {
  return sampleEvent({
    metadata: { name: HOSTILE, namespace: HOSTILE, uid: `uid ${HOSTILE}`, resourceVersion: '1' },
    involvedObject: { apiVersion: 'v1', kind: `Pod ${HOSTILE}`, namespace: HOSTILE, name: HOSTILE, fieldPath: HOSTILE },
    type: 'Warning',
    reason: HOSTILE,
    message: `${HOSTILE} ${LONG}`,
    source: { component: HOSTILE, host: HOSTILE },
  });
}

function documents(): Readonly<Record<string, unknown>> {
  return {
    'destinations/slack/harm': {},
    'secrets/slack/harm': { webhookUrl: 'https://hooks.slack.com/services/T000/B000/token-of-a-hook' },
    'secrets/dingtalk/harm': { accessToken: 'token-of-a-robot' },
    'secrets/telegram/harm': { botToken: '123456:token-of-a-bot' },
    'destinations/email/harm': { from: 'a@example.test', to: ['b@example.test'] },
    'destinations/dingtalk/harm': {},
    'destinations/telegram/harm': { chatId: '1' },
    'destinations/webhook/harm': { [HOSTILE]: HOSTILE },
    'silences/harm': { until: '2099-01-01T00:00:00Z', why: HOSTILE, by: HOSTILE, match: [{ reason: [HOSTILE] }] },
    'silences/broken': HOSTILE,
  };
}

function hostileSource(event: EventLine) {
  const group = { owner: 'webhook', code: HOSTILE, destination: `webhook/${HOSTILE}`, count: 1, oldest: event.at };
  const sample = { failedAt: event.at, detail: `${HOSTILE} ${LONG}`, attempts: 1, replays: 0, event };
  return {
    about: { kind: 'embedded', title: HOSTILE, sinks: sinkTypes(), cannot: { receiver: { why: HOSTILE } } } as const,
    letters: async () => [{ ...group, advice: HOSTILE, samples: [sample] }],
    flow: async () => ({
      at: event.at,
      clusters: [{ cluster: HOSTILE, relayVersion: HOSTILE, problems: [HOSTILE, LONG] }],
      stages: [
        {
          owner: HOSTILE,
          unit: 'events',
          waiting: 1,
          inFlight: 0,
          letters: 0,
          isPaused: true,
          problems: [LONG],
        } as const,
      ],
    }),
  };
}
