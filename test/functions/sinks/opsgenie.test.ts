import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/opsgenie/config.ts';
import { sink } from '../../../functions/sinks/opsgenie/sink.ts';
import { hostileEvent } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { podEvent, tenPods } from '../../support/storms.ts';
import { startOpsgenie, type OpsgenieFake, type OpsgenieSetup } from '../../support/vendors/opsgenie.ts';

const apiKey = 'key-of-the-test';

const open: { fake: OpsgenieFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(setup: Partial<OpsgenieSetup> = {}, options: object = {}, key = apiKey) {
  const fake = await startOpsgenie({ apiKey, ...setup });
  const destination = await openDestination('opsgenie', {
    options: { endpoint: fake.url, ...options },
    secrets: { apiKey: key },
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
  message: `Node node-1 status is now: ${reason}`,
  lastTimestamp: new Date(Date.UTC(2026, 10, 23, 8, 0, second)).toISOString(),
});

describe('an alert', () => {
  it('is one, however often it is repeated and for however many pods', async () => {
    const { fake, destination } = await start();
    for (let times = 0; times < 3; times += 1)
      expect(new Set(await destination.deliver(tenPods))).toEqual(new Set([delivered]));

    expect(fake.alerts).toMatchObject([
      { alias: 'prod: Failed of Deployment shop:checkout', status: 'open', count: 3 },
    ]);
  });

  it('is closed by what ends it, which says so in a note, and another is opened when it comes back', async () => {
    const { fake, deliver } = await start();
    for (const event of [node('NodeNotReady', 0), node('NodeReady', 10), node('NodeNotReady', 20)])
      expect(await deliver(event)).toEqual([delivered]);

    expect(fake.alerts).toMatchObject([
      {
        alias: 'prod: NodeNotReady of Node node-1',
        status: 'closed',
        notes: ['[prod] NodeReady · Node node-1 · Node node-1 status is now: NodeReady'],
      },
      { alias: 'prod: NodeNotReady of Node node-1', status: 'open', notes: [] },
    ]);
  });

  it('stays open while one of its pods still waits', async () => {
    const { fake, destination } = await start();
    const pod = (index: number, reason: string) => podEvent(index, 'checkout-6c9f7d5b8', { reason, count: 12 });

    await destination.deliver([pod(1, 'FailedScheduling'), pod(2, 'FailedScheduling')]);
    await destination.deliver([pod(1, 'Scheduled'), pod(2, 'FailedScheduling')]);
    expect(fake.alerts).toMatchObject([{ status: 'open', count: 2 }]);
    await destination.deliver([pod(2, 'Scheduled')]);
    expect(fake.alerts).toMatchObject([{ status: 'closed' }]);
  });

  it('that is not open is not closed, which is no error', async () => {
    const { fake, deliver } = await start();

    expect(await deliver(node('NodeReady', 0))).toEqual([delivered]);
    expect(fake.replies).toMatchObject([{ status: 404 }]);
  });

  it('is closed under an alias that no letter of it breaks', async () => {
    const { fake, deliver } = await start();
    const odd = (reason: string): KubeEvent => ({
      reason,
      involvedObject: { kind: 'Pod', namespace: 'a/b?c#d', name: '../é %2F&=\u202E' },
      count: 20,
    });

    await deliver(odd('FailedScheduling'));
    await deliver(odd('Scheduled'));
    expect(fake.alerts).toMatchObject([{ status: 'closed' }]);
  });
});

describe('the service as it refuses', () => {
  it.each([
    [{}, 'another key', { status: 'rejected', scope: 'destination', code: 'key_refused' }],
    [{ failing: { status: 402 } }, apiKey, { status: 'rejected', scope: 'destination', code: 'plan_refused' }],
    [{ failing: { status: 415 } }, apiKey, { status: 'rejected', scope: 'destination', code: 'http_415' }],
    [{ failing: { status: 422 } }, apiKey, { status: 'rejected', scope: 'event', code: 'alert_refused' }],
    [{ failing: { status: 503 } }, apiKey, { status: 'retry', code: 'http_503' }],
    [{ failing: { status: 202, body: '{}' } }, apiKey, { status: 'retry', code: 'unexpected_reply' }],
    [
      { failing: { status: 429, headers: { 'x-ratelimit-period-in-sec': 'soon' } } },
      apiKey,
      { status: 'retry', code: 'throttled', afterMs: 60_000 },
    ],
  ] as const)('%j with %s: %j', async (setup, key, outcome) => {
    const { fake, deliver } = await start(setup, {}, key);

    expect(await deliver({})).toMatchObject([outcome]);
    expect(fake.alerts).toEqual([]);
  });

  it('throttles, and says for how long', async () => {
    let now = 0;
    const { deliver } = await start({ now: () => now, perMinute: 1 });

    expect(await deliver({})).toEqual([delivered]);
    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 60_000 }]);
    now = 61_000;
    expect(await deliver({})).toEqual([delivered]);
  });
});

it('is never refused, and shows no markup and no link but those of the options, whatever 5,000 events hold', async () => {
  const links = { Logs: 'https://logs.example.com/${ event.object.name }' };
  const { fake, deliver } = await start({ perMinute: 1_000_000 }, { links, tags: ['a'.repeat(50)] });
  await fc.assert(
    fc.asyncProperty(fc.array(hostileEvent, { minLength: 50, maxLength: 50 }), async (events) => {
      expect(new Set(await deliver(...events))).toEqual(new Set([delivered]));
    }),
    { numRuns: 100, endOnFailure: true },
  );
  for (const { first } of fake.alerts)
    for (const name of ['message', 'description']) {
      expect(textOf(first[name])).not.toMatch(/[<>]/);
      expect(textOf(first[name]), 'half an entity').not.toMatch(/&(?!amp;|lt;|gt;)/);
    }
  expect(fake.alerts.length).toBeGreaterThan(1000);
});

it('has no field that is empty, where an event says nothing', async () => {
  const { fake, deliver } = await start();
  await deliver({ reason: ' ', message: '', involvedObject: { kind: '', namespace: ' ', name: ' ' } });

  const first = fake.alerts[0]?.first ?? {};
  expect(first).toHaveProperty('alias');
  expect(Object.values(first)).not.toContain('');
});

it('is paced by its key, without showing it', () => {
  const parsed = parseSecrets(config, JSON.stringify({ apiKey }), {});
  const settings = parseSettings(config, '{}');
  if ('problems' in parsed || 'problems' in settings) throw new Error('the documents of the test are wrong');
  const pace = sink.pace?.(settings.value.options, parsed.value);

  expect(pace).toEqual({ key: expect.stringMatching(/^opsgenie:[0-9a-f]{16}$/), perMinute: 45 });
});

it('takes responders of known types alone', () => {
  const problems = (responders: unknown) => {
    const parsed = parseSettings(config, JSON.stringify({ responders }));
    return 'problems' in parsed ? parsed.problems.map(({ field }) => field) : [];
  };

  expect(problems([{ type: 'team', name: 'platform' }])).toEqual([]);
  expect(problems([{ type: 'group', name: 'platform' }])).toEqual(['responders[0].type']);
});

it.each([
  { type: 'team' },
  { type: 'team', name: '' },
  { type: 'user', name: 'Alice' },
  { type: 'escalation', username: 'alice@example.com' },
])('wants to know who a responder is: %j', (responder) => {
  const parsed = parseSettings(config, JSON.stringify({ responders: [responder] }));

  expect(parsed).toMatchObject({ problems: [{ field: 'responders[0]', message: expect.stringContaining('the id') }] });
});

it('takes a responder by what the service knows it by', () => {
  const responders = [
    { type: 'team', id: '4513b7ea-3b91-438f-b7e4-e3e54af9147c' },
    { type: 'schedule', name: 'nights' },
    { type: 'user', username: 'alice@example.com' },
  ];

  expect(parseSettings(config, JSON.stringify({ responders }))).toHaveProperty('value');
});
