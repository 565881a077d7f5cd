import { afterEach, describe, expect, it } from 'vitest';
import type { EventWay, Timeline } from '../../../infra/console/contract.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { numberedEvent } from '../../support/chat.ts';
import { manualClock } from '../../support/console/clock.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource, seen, told } from '../../support/console/memory-source.ts';

let served: TestConsole | undefined;
afterEach(() => served?.stop());

async function start(documents: Readonly<Record<string, unknown>>, given: Partial<ConsoleSource> = {}) {
  const source = memorySource(documents, given);
  const running = await startTestConsole(source, { clock: manualClock(Date.parse('2026-11-27T12:00:00Z')) });
  served = running;
  return { source, served: running };
}

const event = numberedEvent(1);

describe('the way of an event', () => {
  it('says of each destination whether it goes there, which rule decides, and what was answered', async () => {
    const { source, served } = await start({
      'destinations/log/all': {},
      'destinations/log/backoff': { filter: { match: [{ reason: 'BackOff' }] } },
      'destinations/log/other': { filter: { match: [{ namespace: 'shop' }] } },
      'destinations/log/off': { enabled: false },
      'destinations/slack/ops': { filter: {} },
      'secrets/slack/ops': { webhookUrl: 'https://hooks.slack.com/services/T0/B0/verysecret' },
      'silences/rollout': {
        match: [{ reason: 'BackOff' }],
        until: '2026-11-27T18:00:00Z',
        why: 'rollout',
        by: 'alice',
      },
    });
    source.tell(
      seen(event),
      told(event.id, 'log/all', 'retrying', { code: 'http_503', at: '2026-11-27T12:00:01Z' }),
      told(event.id, 'log/all', 'delivered', { at: '2026-11-27T12:00:02Z' }),
      told(event.id, 'log/removed', 'letter', { code: 'destination_not_found' }),
    );
    const way = await wayOf(served, event.id);

    expect(way.event).toMatchObject({ seq: 1, id: event.id, marks: { delivered: 1, letter: 1 } });
    expect(way.document).toMatchObject({ message: event.message, object: event.object });
    expect(way.document).not.toHaveProperty('raw');
    expect(way.destinations.map(({ destination, goes, why }) => [destination, goes, why])).toEqual([
      ['log/all', true, 'it has no match rules: everything goes there'],
      ['log/backoff', true, 'reason BackOff'],
      ['log/off', false, 'it is disabled (enabled: false)'],
      ['log/other', false, 'no match rule holds (namespace is payments, wanted shop)'],
      ['slack/ops', false, 'the silence rollout holds it until 2026-11-27T18:00:00Z (rollout)'],
      ['log/removed', false, 'there is no such destination now'],
    ]);
    expect(way.destinations[0]?.attempts).toEqual([
      { at: '2026-11-27T12:00:01Z', status: 'retrying', code: 'http_503' },
      { at: '2026-11-27T12:00:02Z', status: 'delivered' },
    ]);
  });

  it('is that of the version in force, where an edit has a mistake', async () => {
    const { source, served } = await start({ 'destinations/log/a': { filter: { match: [{ reason: 'Failed' }] } } });
    source.stored.set('destinations/log/a', [
      { version: '2', text: '{"filtre":{}}' },
      ...(source.stored.get('destinations/log/a') ?? []),
    ]);
    source.tell(seen(event));

    expect((await wayOf(served, event.id)).destinations).toMatchObject([
      { goes: false, why: 'no match rule holds (reason is BackOff, wanted Failed)' },
    ]);
  });

  it('says what is wrong where nothing is in force, or nothing delivers', async () => {
    const { source, served } = await start(
      { 'destinations/log/a': '{', 'destinations/webhook/b': { url: 'http://127.0.0.1:1' } },
      { about: { kind: 'stack', title: 'a stack', sinks: ['log'], cannot: {} } },
    );
    source.tell(seen(event));
    const { destinations } = await wayOf(served, event.id);

    expect(destinations).toMatchObject([
      { destination: 'log/a', goes: false, why: expect.stringContaining('destinations/log/a') },
      { destination: 'webhook/b', goes: false, why: expect.stringContaining('not deployed') },
    ]);
  });

  it('is not known of an event that has gone', async () => {
    const { served } = await start({});

    expect((await served.call('GET', '/api/event?id=a/b/c')).status).toBe(404);
  });
});

describe('the timeline of an object', () => {
  it('has its events, the oldest first, and says where the older ones are', async () => {
    const { source, served } = await start({}, { earlier: ({ name }) => `ops archive search --name ${name}` });
    const again = numberedEvent(1, { metadata: { uid: 'later', namespace: 'payments' }, reason: 'Started' });
    source.tell(seen(event), seen(numberedEvent(2)), seen(again));
    const { cluster, object } = event;
    const query = new URLSearchParams({ cluster, kind: object.kind, namespace: object.namespace, name: object.name });
    const { json } = await served.call('GET', `/api/object?${String(query)}`);
    const timeline: Timeline = JSON.parse(JSON.stringify(json));

    expect(timeline.events.map(({ seq, reason }) => [seq, reason])).toEqual([
      [1, 'BackOff'],
      [3, 'Started'],
    ]);
    expect(timeline.earlier).toBe('ops archive search --name api-1');
  });
});

async function wayOf(console: TestConsole, id: string): Promise<EventWay> {
  const { text } = await console.call('GET', `/api/event?id=${encodeURIComponent(id)}`);
  return JSON.parse(text);
}
