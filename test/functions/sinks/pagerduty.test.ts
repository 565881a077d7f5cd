import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/pagerduty/config.ts';
import { sink } from '../../../functions/sinks/pagerduty/sink.ts';
import { hostileEvent } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { podEvent, tenPods } from '../../support/storms.ts';
import { startPagerDuty, type PagerDutyFake, type PagerDutySetup } from '../../support/vendors/pagerduty.ts';

const routingKey = 'R0123456789ABCDEF0123456789ABCDE';

const open: { fake: PagerDutyFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(setup: Partial<PagerDutySetup> = {}, options: object = {}, key = routingKey) {
  const fake = await startPagerDuty({ routingKey, ...setup });
  const destination = await openDestination('pagerduty', {
    options: { endpoint: fake.url, ...options },
    secrets: { routingKey: key },
  });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, destination, deliver };
}

const delivered = { status: 'delivered' };
const node = (reason: string, second: number): KubeEvent => ({
  involvedObject: { kind: 'Node', name: 'node-1' },
  type: 'Normal',
  reason,
  lastTimestamp: new Date(Date.UTC(2026, 10, 23, 8, 0, second)).toISOString(),
});

describe('an incident', () => {
  it('pages once, however often it is repeated and for however many pods', async () => {
    const { fake, destination } = await start();
    for (let times = 0; times < 3; times += 1)
      expect(new Set(await destination.deliver(tenPods))).toEqual(new Set([delivered]));

    expect(fake.alerts).toMatchObject([
      { key: 'prod: Failed of Deployment shop:checkout', status: 'triggered', count: 3 },
    ]);
  });

  it('is resolved by what ends it, and pages again when it comes back', async () => {
    const { fake, deliver } = await start();
    const batches = [node('NodeNotReady', 0), node('NodeReady', 10), node('NodeNotReady', 20)];
    for (const event of batches) expect(await deliver(event)).toEqual([delivered]);

    expect(fake.alerts.map(({ key, status }) => [key, status])).toEqual([
      ['prod: NodeNotReady of Node node-1', 'resolved'],
      ['prod: NodeNotReady of Node node-1', 'triggered'],
    ]);
  });

  it('that is over within a batch pages nobody', async () => {
    const { fake, deliver } = await start();

    expect(await deliver(node('NodeReady', 10), node('NodeNotReady', 0))).toEqual([delivered, delivered]);
    expect(fake.alerts).toEqual([]);
    expect(fake.dropped).toHaveLength(1);
  });

  it('goes on while one of its pods still waits, and is over when the last one is scheduled', async () => {
    const { fake, destination } = await start();
    const pod = (index: number, reason: string) => podEvent(index, 'checkout-6c9f7d5b8', { reason, count: 12 });

    await destination.deliver([pod(1, 'FailedScheduling'), pod(2, 'FailedScheduling')]);
    await destination.deliver([pod(1, 'Scheduled'), pod(2, 'FailedScheduling')]);
    expect(fake.alerts).toMatchObject([{ status: 'triggered', count: 2 }]);
    await destination.deliver([pod(2, 'Scheduled')]);
    expect(fake.alerts).toMatchObject([{ status: 'resolved' }]);
  });

  it('of another integration is not resolved', async () => {
    const { fake, deliver } = await start();
    await deliver(node('NodeReady', 0));

    expect([fake.alerts, fake.dropped.length]).toEqual([[], 1]);
  });
});

describe('PagerDuty as it refuses', () => {
  it.each([
    [{}, 'A'.repeat(32), { status: 'rejected', scope: 'destination', code: 'routing_key_refused' }],
    [{ failing: { status: 429, body: '' } }, routingKey, { status: 'retry', code: 'throttled', afterMs: 60_000 }],
    [{ failing: { status: 403 } }, routingKey, { status: 'rejected', scope: 'destination', code: 'http_403' }],
    [{ failing: { status: 413 } }, routingKey, { status: 'rejected', scope: 'event', code: 'http_413' }],
    [{ failing: { status: 503 } }, routingKey, { status: 'retry', code: 'http_503' }],
    [{ failing: { status: 202, body: '{}' } }, routingKey, { status: 'retry', code: 'unexpected_reply' }],
  ] as const)('%j with %s: %j', async (setup, key, outcome) => {
    const { fake, deliver } = await start(setup, {}, key);

    expect(await deliver({})).toMatchObject([outcome]);
    expect(fake.alerts).toEqual([]);
  });

  it('takes 120 events in a minute', async () => {
    let now = 0;
    const { deliver } = await start({ now: () => now });
    for (let sent = 0; sent < 120; sent += 1) expect(await deliver({})).toEqual([delivered]);
    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled' }]);
    now = 61_000;
    expect(await deliver({})).toEqual([delivered]);
  });
});

it('is never refused, and links to nothing but what the options say, whatever 5,000 events hold', async () => {
  const links = { Logs: 'https://logs.example.com/${ event.object.name }' };
  const { fake, deliver } = await start({ perMinute: 1_000_000 }, { links });
  await fc.assert(
    fc.asyncProperty(fc.array(hostileEvent, { minLength: 50, maxLength: 50 }), async (events) => {
      expect(new Set(await deliver(...events))).toEqual(new Set([delivered]));
    }),
    { numRuns: 100, endOnFailure: true },
  );
  for (const link of fake.alerts.flatMap(({ first }) => listOf(first['links'])))
    expect(textOf(recordOf(link)['href'])).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
  expect(fake.alerts.length).toBeGreaterThan(1000);
});

it('has no field that is empty, where an event says nothing', async () => {
  const { fake, deliver } = await start();
  await deliver({ reason: ' ', message: '', involvedObject: { kind: '', namespace: ' ', name: ' ' } });

  const payload = recordOf(fake.alerts[0]?.first['payload']);
  expect(payload).toHaveProperty('summary');
  expect(Object.values(payload)).not.toContain('');
});

describe('the destination', () => {
  it.each(['u+0123456789abcdefgh', 'R0123456789ABCDEF0123456789ABCD-'])('takes no key such as %s', (key) => {
    expect(parseSecrets(config, JSON.stringify({ routingKey: key }), {})).toMatchObject({
      problems: [{ field: 'routingKey', message: expect.stringContaining('integration key') }],
    });
  });

  it('is paced by its key, without showing it', () => {
    const parsed = parseSecrets(config, JSON.stringify({ routingKey }), {});
    const settings = parseSettings(config, '{}');
    if ('problems' in parsed || 'problems' in settings) throw new Error('the documents of the test are wrong');
    const pace = sink.pace?.(settings.value.options, parsed.value);

    expect(pace).toEqual({ key: expect.stringMatching(/^pagerduty:[0-9a-f]{16}$/), perMinute: 90 });
  });
});
