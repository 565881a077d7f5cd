import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startTelegram, type TelegramBot, type TelegramFake } from '../../support/vendors/telegram.ts';

const bot: TelegramBot = { token: '123456789:AAE-4f1d9e0c7b6a', chatId: '-1001234567890' };

const open: { fake: TelegramFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(changed: Partial<TelegramBot> = {}, options: object = {}, botToken = bot.token) {
  const fake = await startTelegram({ ...bot, ...changed });
  const destination = await openDestination('telegram', {
    options: { chatId: bot.chatId, endpoint: fake.url, ...options },
    secrets: { botToken },
  });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, deliver, destination };
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };

describe('against a bot that is as strict as Telegram', () => {
  it('is accepted, alone and as a digest, in a topic, with links as buttons', async () => {
    const { fake, deliver } = await start(
      { topics: [42] },
      { topicId: 42, links: { Logs: 'https://logs.example.com/' } },
    );

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(await deliver({}, evicted)).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(fake.messages[0]?.targets).toEqual(['https://logs.example.com/']);
  });

  it.each([
    ['another token', {}, {}, '1:other', 'token_invalid'],
    ['another chat', {}, { chatId: '-5' }, bot.token, 'chat_invalid'],
    ['a topic that is not there', {}, { topicId: 7 }, bot.token, 'chat_invalid'],
    ['a bot that was removed', { isKicked: true }, {}, bot.token, 'bot_removed'],
    ['a group that has moved', { movedTo: -1009 }, {}, bot.token, 'chat_moved'],
  ])('is refused with %s', async (_, changed, options, token, code) => {
    const { deliver } = await start(changed, options, token);

    expect(await deliver({})).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
  });

  it('is accepted in the topic General, which has the number 1 and wants none', async () => {
    const { deliver } = await start({}, { topicId: 1 });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
  });

  it('is accepted without the links that Telegram does not take', async () => {
    const links = { Here: 'http://grafana:3000/d/x', Six: 'http://[::1]/', There: 'https://logs.example.com/' };
    const { fake, deliver } = await start({}, { links });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages[0]?.targets).toEqual(['https://logs.example.com/']);
  });

  it('takes the number of a chat as a number too', async () => {
    const { deliver } = await start({}, { chatId: Number(bot.chatId) });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
  });

  it('waits as long as the group asks for', async () => {
    const { deliver } = await start({ now: () => 0 });
    for (let index = 0; index < 20; index += 1) await deliver({});

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 60_000 }]);
  });
});

describe('a message', () => {
  it('makes a sound only where it is more than information', async () => {
    const { fake, deliver } = await start();
    await deliver({});
    await deliver({ reason: 'Pulled', type: 'Normal', message: 'done' });

    expect(fake.messages.map(({ isQuiet }) => isQuiet)).toEqual([false, true]);
  });

  it('mentions members where it is critical, and nobody else', async () => {
    const { fake, deliver } = await start({}, { mentions: ['alice_example'] });
    await deliver({ message: 'hello @alice_example' });
    await deliver(evicted);

    expect(fake.messages.map(({ found }) => found)).toEqual([[], ['@alice_example']]);
  });

  it('leaves addresses of the network whole, but not those of a page', async () => {
    const { fake, deliver } = await start();
    const message = (text: string) => deliver({ message: text });
    await message('dial tcp 10.0.0.5:8080: refused; 10.0.0.6 is not in 10.0.0.0/16, "10.1.0.0/8" or 10.2.0.0/12.');
    await message('see 203.0.113.9/login, 203.0.113.9:8443/16/x?y, 203.0.113.9?login=1 and u@203.0.113.9/login');

    const [addresses, pages] = fake.messages.map(({ text }) => text);
    for (const whole of ['10.0.0.5:8080:', '10.0.0.6 ', '10.0.0.0/16', '10.1.0.0/8', '10.2.0.0/12'])
      expect(addresses).toContain(whole);
    expect(pages).toContain('203.0.113.\u200B9/login');
    expect(pages).not.toContain('203.0.113.9');
    expect(fake.messages.flatMap(({ found }) => found)).toEqual([]);
  });

  it('makes nothing of what an event says, and is never refused', async () => {
    let clock = 0;
    const { fake, destination } = await start({ now: () => (clock += 60_000) });
    await fc.assert(
      fc.asyncProperty(hostileEvents(40), async (events) => {
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
        expect(fake.messages.at(-1)?.found).toEqual([]);
        expect(fake.messages.at(-1)?.targets).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });
});
