import { afterEach, describe, expect, it } from 'vitest';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { sink } from '../../../functions/sinks/honeycomb/sink.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startHoneycomb, type HoneycombOptions } from '../../support/vendors/honeycomb.ts';

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

async function start(server: Partial<HoneycombOptions> = {}) {
  const honeycomb = await startHoneycomb({ apiKey: 'hcaik_right', ...server });
  const destination = await openDestination('honeycomb', {
    options: { endpoint: honeycomb.url, dataset: 'k8s events' },
    secrets: { apiKey: 'hcaik_right' },
  });
  started.push(
    () => honeycomb.stop(),
    () => destination.close(),
  );
  return { honeycomb, destination };
}

function version(resourceVersion: string, message?: string) {
  return sampleEvent({
    ...(message !== undefined && { message }),
    metadata: { ...sampleKubeEvent.metadata, resourceVersion },
  });
}

describe('the honeycomb sink', () => {
  it('delivers events with their own time and an id to count by', async () => {
    const { honeycomb, destination } = await start();
    const events = [version('1'), version('2', '"quotes" \n 🔥 \uD800')];

    const outcomes = await destination.deliver(events);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', 'delivered']);
    expect(honeycomb.events.map(({ dataset, time }) => [dataset, time])).toEqual([
      ['k8s events', '2026-11-23T07:59:30.000Z'],
      ['k8s events', '2026-11-23T07:59:30.000Z'],
    ]);
    expect(honeycomb.events.map(({ data }) => data['event.id'])).toEqual(events.map(({ id }) => id));
    expect(honeycomb.events[1]?.data['message']).toBe('"quotes" \n 🔥 \uFFFD');
  });

  it('keeps to the limits of a text, an event and a body', async () => {
    const { honeycomb, destination } = await start();
    const events = Array.from({ length: 100 }, (_, index) => version(String(index), '\u0001"漢'.repeat(200_000)));

    const outcomes = await destination.deliver(events);

    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(honeycomb.batches.length).toBeGreaterThan(1);
    expect(honeycomb.events).toHaveLength(100);
    const texts = honeycomb.events.map(({ data }) => String(data['message']));
    for (const text of texts) expect(text.endsWith('…')).toBe(true);
  });

  it('sends only the events again that were over the rate limit', async () => {
    const { honeycomb, destination } = await start({ capacity: 2 });

    const outcomes = await destination.deliver([version('1'), version('2'), version('3')]);

    expect(outcomes).toEqual([
      { status: 'delivered' },
      { status: 'delivered' },
      expect.objectContaining({ status: 'retry', code: 'throttled' }),
    ]);
    expect(honeycomb.events).toHaveLength(2);
  });

  it('refuses the destination if the key is wrong', async () => {
    const { destination } = await start({ apiKey: 'hcaik_other' });
    expect(await destination.deliver([version('1')])).toEqual([
      expect.objectContaining({ status: 'rejected', scope: 'destination', code: 'wrong_credentials' }),
    ]);
  });

  it('makes no column of what an event does not have', () => {
    const event = sampleEvent({ involvedObject: {}, source: {}, message: '' });
    const [parcel] = sink.render([event], { dataset: 'x', endpoint: 'https://api.honeycomb.io' });
    const { data } = JSON.parse(parcel?.payload[0] ?? '');
    expect(Object.values(data)).not.toContain('');
    expect(data).not.toHaveProperty('message');
  });
});
