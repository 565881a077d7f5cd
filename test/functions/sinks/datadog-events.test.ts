import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { datadogEvent } from '../../../functions/sinks/datadog-events/event.ts';
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
  const options = { endpoint: fake.url };
  const destination = await openDestination('datadog-events', { options, secrets: { ...secrets } });
  open.push({ fake, destination });
  return { fake, destination };
}

it('is refused with another key', async () => {
  const { destination } = await start({ apiKey: 'another-key-0001' });

  expect(await destination.deliver([sampleEvent()], { now })).toMatchObject([{ code: 'key_refused' }]);
});

it('loses none of what waited for days, and says what became of their time', async () => {
  const { fake, destination } = await start();
  const events = [0, 16, 17.5, 18.5, 100].map((hours) =>
    sampleEvent({
      metadata: { uid: `h${hours}` },
      lastTimestamp: new Date(now.getTime() - hours * 3_600_000).toISOString(),
    }),
  );

  const outcomes = await destination.deliver(events, { now });

  expect(outcomes.map((outcome) => 'warning' in outcome)).toEqual([false, false, true, true, true]);
  expect(fake.events.map((event) => 'date_happened' in event)).toEqual([true, true, false, false, false]);
  expect(fake.events.map(({ text }) => textOf(text).split('\n').at(-1))).toEqual(events.map(({ id }) => id));
});

it('says how often, keeps what identifies it when a message is long, and marks the cut', () => {
  const { text } = datadogEvent(sampleEvent({ count: 12, message: '🔥'.repeat(10_000) }), { tags: [] });

  expect(text.length).toBeLessThanOrEqual(4000);
  expect(text).toMatch(/🔥…\n\n12 times since .*, last at .*, seen by kubelet\nprod\/.*\/184467$/);
});

it('groups the events of an object without a uid too, and never those of two', () => {
  const keyOf = (name: string) =>
    datadogEvent(sampleEvent({ involvedObject: { kind: 'Pod', namespace: 'shop', name } }), { tags: [] })
      .aggregation_key;

  expect(keyOf('a')).toBe(keyOf('a'));
  expect(keyOf('a')).not.toBe(keyOf('b'));
});

it('is taken whatever an event holds', async () => {
  const { destination } = await start();
  await fc.assert(
    fc.asyncProperty(hostileEvents(10), async (events) => {
      const outcomes = await destination.deliver(events, { now });
      expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
