import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { logOf } from '../../../functions/sinks/datadog/log.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startDatadog, type DatadogFake } from '../../support/vendors/datadog.ts';

/** Shortly after the sample event. */
const now = new Date('2026-11-23T08:00:00Z');
const apiKey = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const open: { fake: DatadogFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(secrets: object = { apiKey }) {
  const fake = await startDatadog({ apiKey, now: () => now.getTime() });
  const destination = await openDestination('datadog', { options: { endpoint: fake.url }, secrets: { ...secrets } });
  open.push({ fake, destination });
  return { fake, destination };
}

it('is refused with another key', async () => {
  const { destination } = await start({ apiKey: 'another-key-0001' });

  expect(await destination.deliver([sampleEvent()], { now })).toMatchObject([
    { status: 'rejected', code: 'key_refused' },
  ]);
});

it('cuts what Datadog would cut without a word, and says so', () => {
  const labels = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`l${index}`, 'x'.repeat(500)]));
  const object = { ...sampleEvent().object, labels };
  const log = JSON.parse(
    logOf({ ...sampleEvent(), object, message: '容'.repeat(500_000) }, { service: 'kubernetes', tags: [] }),
  );

  expect(Buffer.byteLength(log.message)).toBeLessThanOrEqual(70_000);
  expect(log.message).toMatch(/容…$/);
  expect(log.k8s_event).toMatchObject({ object: { labels: {} }, shortened: ['labels', 'annotations', 'texts'] });
});

it('stays below what Datadog cuts where each character takes six bytes', async () => {
  const { destination } = await start();

  const outcomes = await destination.deliver([sampleEvent({ message: '\u0001'.repeat(200_000) })], { now });

  expect(outcomes).toEqual([{ status: 'delivered' }]);
});

it('is taken in as few requests as Datadog lets it, each event with its identity', async () => {
  const { fake, destination } = await start();
  const events = Array.from({ length: 2500 }, (_, index) => sampleEvent({ metadata: { uid: `u${index}` } }));

  const outcomes = await destination.deliver(events, { now });

  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['delivered']));
  expect(fake.requests()).toBe(3);
  expect(fake.logs.map((log) => log['event_id'])).toEqual(events.map(({ id }) => id));
});

it('loses none of what waited for days, and says what became of their time', async () => {
  const { fake, destination } = await start();
  const ages = [0, 16, 17.5, 18.5, 100, -3];
  const events = ages.map((hours) =>
    sampleEvent({
      metadata: { uid: `h${hours}` },
      lastTimestamp: new Date(now.getTime() - hours * 3_600_000).toISOString(),
    }),
  );

  const outcomes = await destination.deliver(events, { now });

  expect(fake.logs.map((log) => log['event_id'])).toEqual(events.map(({ id }) => id));
  expect(outcomes.map((outcome) => 'warning' in outcome)).toEqual([false, false, true, true, true, true]);
  expect(fake.logs.map((log) => 'timestamp' in log)).toEqual([true, true, false, false, false, false]);
});

it('is taken whatever an event holds', async () => {
  const { destination } = await start();
  await fc.assert(
    fc.asyncProperty(hostileEvents(40), async (events) => {
      const outcomes = await destination.deliver(events, { now });
      expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
