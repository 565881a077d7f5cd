import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { googleChatMessage, MAX_WIDGETS, type GoogleChatOptions } from '../../../functions/sinks/googlechat/message.ts';
import { chatOptions, numberedEvent } from '../../support/chat.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { podEvent } from '../../support/storms.ts';
import { startGoogleChat, type GoogleChatFake, type GoogleChatSpace } from '../../support/vendors/googlechat.ts';

const space: GoogleChatSpace = { key: 'AIza-key', token: 'webhook-token' };

const open: { fake: GoogleChatFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(
  options: object = {},
  urlOf: (url: string) => string = (url) => url,
  changed: Partial<GoogleChatSpace> = {},
) {
  const fake = await startGoogleChat({ ...space, ...changed });
  const destination = await openDestination('googlechat', {
    options: { ...options },
    secrets: { webhookUrl: urlOf(fake.webhookUrl) },
  });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, deliver, destination };
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };

describe('against a space that is as strict as Google Chat', () => {
  it('is accepted, alone and as a digest', async () => {
    const { fake, deliver } = await start({ links: { Logs: 'https://logs.example.com/' } });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(await deliver({}, evicted)).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(fake.messages).toHaveLength(2);
  });

  it.each([
    ['another key', (url: string) => url.replace('AIza-key', 'other'), 'webhook_invalid'],
    ['another token', (url: string) => url.replace('webhook-token', 'other'), 'webhook_invalid'],
    ['another space', (url: string) => url.replace('AAAAtest', 'BBBB'), 'webhook_gone'],
  ])('is refused with %s', async (_, urlOf, code) => {
    const { deliver } = await start({}, urlOf);

    expect(await deliver({})).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
  });

  it('comes back when the minute of the space is over', async () => {
    const { fake, deliver } = await start({}, undefined, { now: () => 0 });
    for (let index = 0; index < 60; index += 1) await deliver({});

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 60_000 }]);
    expect(fake.messages).toHaveLength(60);
  });

  it('has one thread for an owner and a reason if it is asked for, and else one for each message', async () => {
    const pods = [0, 1].map((index) => podEvent(index, 'checkout-6c9f7d5b8', { reason: 'Failed', message: 'no' }));
    const threads = await Promise.all(
      [{ threads: true }, {}].map(async (options) => {
        const { fake, destination } = await start(options);
        for (const event of [...pods, sampleEvent(), sampleEvent()]) await destination.deliver([event]);
        return fake.threads();
      }),
    );

    expect(threads).toEqual([2, 4]);
  });
});

describe('a message', () => {
  const options: GoogleChatOptions = { ...chatOptions, threads: false, mentions: ['all', '12345'] };

  it('mentions people where it is critical, and nobody else', () => {
    expect(googleChatMessage([sampleEvent(evicted)], options).text).toMatch(/^<users\/all> <users\/12345> 🔴/u);
    expect(googleChatMessage([sampleEvent()], options).text).toBeUndefined();
  });

  it('of a hundred events has no more widgets than a card shows', () => {
    const events = Array.from({ length: 100 }, (_, index) =>
      numberedEvent(index, { reason: `Odd${index}`, type: 'Warning' }),
    );
    const [{ card }] = googleChatMessage(events, options).cardsV2;

    expect(card.sections.flatMap(({ widgets }) => widgets).length).toBeLessThanOrEqual(MAX_WIDGETS);
    expect(new Set(JSON.stringify(card).match(/Odd\d+ ·/g)).size).toBe(100);
  });

  it('mentions nobody that an event names, leads nowhere, and is never refused', async () => {
    let clock = 0;
    const { fake, destination } = await start({ mentions: ['12345'] }, undefined, { now: () => (clock += 1000) });
    await fc.assert(
      fc.asyncProperty(hostileEvents(40), async (events) => {
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
        // A command is to be copied as it is.
        const sent = JSON.stringify(fake.messages.at(-1)).replaceAll(/kubectl (?:(?!<br>|"\}).)*/g, '');
        expect(sent.replace(/^\{"text":"<users\/12345> /, '')).not.toMatch(/<users\/|<a |\w:\/\/|www\./i);
      }),
      { numRuns: 250 },
    );
  });
});
