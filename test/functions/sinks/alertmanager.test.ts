import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/alertmanager/config.ts';
import { OWN_LABELS } from '../../../functions/sinks/alertmanager/labels.ts';
import { hostileEvent } from '../../support/hostile-events.ts';
import { openDestination } from '../../support/live-destination.ts';
import { podEvent, tenPods } from '../../support/storms.ts';
import {
  startAlertmanagerFake,
  type AlertmanagerFake,
  type AlertmanagerSetup,
} from '../../support/vendors/alertmanager.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function peer(setup: AlertmanagerSetup = {}): Promise<AlertmanagerFake> {
  const fake = await startAlertmanagerFake(setup);
  ends.push(() => fake.stop());
  return fake;
}

async function open(endpoint: string | readonly string[], options: object = {}, secrets: Record<string, string> = {}) {
  const destination = await openDestination('alertmanager', { options: { endpoint, ...options }, secrets });
  ends.push(() => destination.close());
  return (...events: readonly (KubeEvent | ClusterEvent)[]) =>
    destination.deliver(events.map((event) => ('seenAt' in event ? event : sampleEvent(event))));
}

const delivered = { status: 'delivered' };
const START = Date.UTC(2026, 10, 23, 8, 0);
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
const node = (reason: string, minute: number): KubeEvent => ({
  involvedObject: { kind: 'Node', name: 'node-1' },
  type: 'Normal',
  reason,
  firstTimestamp: at(minute),
  lastTimestamp: at(minute),
});

describe('an alert', () => {
  it('is one for all pods of a Deployment, under labels that no pod, count or message changes', async () => {
    const fake = await peer({ now: () => START });
    const deliver = await open(fake.url);
    for (let times = 0; times < 2; times += 1) await deliver(...tenPods);

    expect(fake.alerts().map(({ labels }) => labels)).toEqual([
      {
        alertname: 'Failed',
        cluster: 'prod',
        namespace: 'shop',
        kind: 'Deployment',
        name: 'checkout',
        severity: 'warning',
        source: 'kube-courier',
      },
    ]);
  });

  it('resolves by itself once it is quiet, and each repeat renews it', async () => {
    let now = START;
    const fake = await peer({ now: () => now });
    const deliver = await open(fake.url, { resolveAfterMinutes: 10 });
    const fires = (minute: number) => {
      now = START + minute * 60_000;
      return fake.alerts().length === 1;
    };

    await deliver(node('NodeNotReady', 0));
    expect([fires(9), fires(11)]).toEqual([true, false]);
    fires(0);
    await deliver(node('NodeNotReady', 8));
    expect([fires(17), fires(19)]).toEqual([true, false]);
  });

  it('is over at once when an event ends it, and fires again when it comes back', async () => {
    let now = START;
    const fake = await peer({ now: () => now });
    const deliver = await open(fake.url);

    await deliver(node('NodeNotReady', 0));
    expect(fake.alerts()).toHaveLength(1);
    now = START + 300_000;
    await deliver(node('NodeReady', 4));
    expect(fake.alerts()).toHaveLength(0);
    now = START + 400_000;
    await deliver(node('NodeNotReady', 6));
    expect(fake.alerts()).toHaveLength(1);
  });

  it('is over in every severity that it can have had', async () => {
    let now = START;
    const fake = await peer({ now: () => now });
    const deliver = await open(fake.url);
    const pod = (reason: string, count: number, minute: number) =>
      podEvent(1, 'checkout-6c9f7d5b8', { reason, count, firstTimestamp: at(0), lastTimestamp: at(minute) });

    await deliver(pod('FailedScheduling', 1, 0));
    await deliver(pod('FailedScheduling', 10, 1));
    expect(fake.alerts().map(({ labels }) => labels['severity'])).toEqual(['warning', 'critical']);
    now = START + 300_000;
    await deliver(pod('Scheduled', 1, 4));
    expect(fake.alerts()).toEqual([]);
  });
});

describe('several peers', () => {
  it('are all sent everything, and one that takes it suffices, which is told', async () => {
    const [one, two] = [await peer({ now: () => START }), await peer({ now: () => START })];
    const deliver = await open([one.url, two.url]);

    expect(await deliver({})).toEqual([delivered]);
    expect([one.alerts().length, two.alerts().length]).toEqual([1, 1]);
    await two.stop();
    expect(await deliver({})).toEqual([
      {
        ...delivered,
        warning: expect.stringMatching(`^not taken by ${new URL(two.url).host}: connection_(lost|refused)$`),
      },
    ]);
  });

  it.each([
    [[503, 400], { status: 'retry', code: 'http_503' }],
    [[404, 503], { status: 'retry', code: 'http_503' }],
    [[404, 404], { status: 'rejected', scope: 'destination', code: 'http_404' }],
    [[422, 400], { status: 'rejected', scope: 'event', code: 'alert_refused' }],
    [[200, 404], { status: 'delivered' }],
  ] as const)('that answer %j: %j', async (statuses, outcome) => {
    const fakes = await Promise.all(statuses.map((status) => peer({ failing: { status } })));
    const deliver = await open(fakes.map(({ url }) => url));

    expect(await deliver({})).toMatchObject([outcome]);
  });

  it('that are all gone are tried again', async () => {
    const [one, two] = [await peer(), await peer()];
    const deliver = await open([one.url, two.url]);
    await one.stop();
    await two.stop();

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'connection_refused' }]);
  });
});

it('does not take a page of a proxy for Alertmanager, which answers nothing', async () => {
  const fake = await peer({ failing: { status: 200, body: '<html>Sign in</html>' } });

  expect(await (await open(fake.url))({})).toMatchObject([{ status: 'retry', code: 'unexpected_reply' }]);
});

describe('a proxy in front of it', () => {
  const login = `Basic ${Buffer.from('courier:correct horse').toString('base64')}`;

  it.each([
    [login, { username: 'courier' }, { password: 'correct horse' }],
    ['Bearer abc', {}, { bearerToken: 'abc' }],
  ])('lets in %s', async (authorization, options, secrets) => {
    const fake = await peer({ authorization });

    expect(await (await open(`${fake.url}/`, options, secrets))({})).toEqual([delivered]);
    expect(await (await open(fake.url))({})).toMatchObject([{ status: 'rejected', code: 'http_401' }]);
  });
});

it('is never refused, and has no label that an event names, whatever 5,000 events hold', async () => {
  const fake = await peer({ now: () => 0 });
  const deliver = await open(fake.url, { links: { Logs: 'https://logs.example.com/${ event.object.name }' } });
  await fc.assert(
    fc.asyncProperty(fc.array(hostileEvent, { minLength: 50, maxLength: 50 }), async (events) => {
      expect(new Set(await deliver(...events))).toEqual(new Set([delivered]));
    }),
    { numRuns: 100, endOnFailure: true },
  );
  const alerts = fake.alerts();
  for (const { labels } of alerts) {
    expect(Object.keys(labels).filter((name) => !OWN_LABELS.includes(name))).toEqual([]);
    for (const value of Object.values(labels)) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(253);
  }
  expect(alerts.length).toBeGreaterThan(1000);
});

it('carries a storm in few requests, within a size that proxies take', async () => {
  const fake = await peer({ now: () => START });
  const deliver = await open(fake.url);
  const events = Array.from({ length: 2000 }, (_, index) =>
    podEvent(index, `app${index % 500}-6c9f7d5b8`, { reason: 'Evicted', message: 'x'.repeat(3000) }),
  );

  expect(new Set(await deliver(...events))).toEqual(new Set([delivered]));
  expect(fake.alerts()).toHaveLength(500);
  expect(fake.replies).toHaveLength(5);
});

describe('the document', () => {
  const problems = (document: object) => {
    const parsed = parseSettings(config, JSON.stringify({ endpoint: 'http://am.example:9093', ...document }));
    return 'problems' in parsed ? parsed.problems.map(({ field, message }) => `${field} ${message}`) : [];
  };

  it('takes labels of its own, but none in the place of the sink’s', () => {
    expect(problems({ labels: { team: 'platform' } })).toEqual([]);
    expect(problems({ labels: { severity: 'page' } })).toEqual([expect.stringMatching(/^labels expected other names/)]);
    expect(problems({ labels: { 'te-am': 'x' } })).toEqual([expect.stringContaining('labels')]);
  });

  it('takes one login', () => {
    expect(parseSecrets(config, '{"password":"a","bearerToken":"b"}', {})).toHaveProperty('problems');
    expect(parseSecrets(config, '{}', {})).toHaveProperty('value');
  });
});
