import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { parseSecrets } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/discord/config.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { markdownTargets } from '../../support/markdown.ts';
import { startDiscord, type DiscordChannel, type DiscordFake } from '../../support/vendors/discord.ts';

const channel: DiscordChannel = { token: 'AbCd-4f1d9e0c7b6a' };

const open: { fake: DiscordFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(changed: Partial<DiscordChannel> = {}, options: object = {}, urlOf = (url: string) => url) {
  const fake = await startDiscord({ ...channel, ...changed });
  const destination = await openDestination('discord', {
    options: { ...options },
    secrets: { webhookUrl: urlOf(fake.webhookUrl) },
  });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, deliver, destination };
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
const thread = '1234567890123456700';

describe('against a webhook that is as strict as Discord', () => {
  it('is accepted, alone, as a digest and in a thread', async () => {
    const { fake, deliver } = await start({ isForum: true, threads: { [thread]: 'open' } }, { threadId: thread });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(await deliver({}, evicted)).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(fake.messages).toHaveLength(2);
  });

  it.each([
    ['another token', {}, {}, (url: string) => url.replace('AbCd', 'EfGh'), 'webhook_gone'],
    ['another webhook', {}, {}, (url: string) => url.replace('6789/', '6780/'), 'webhook_gone'],
    ['a forum without a thread', { isForum: true }, {}, undefined, 'thread_invalid'],
    ['a thread that is locked', { threads: { [thread]: 'locked' } }, { threadId: thread }, undefined, 'thread_invalid'],
    ['a thread that is not there', {}, { threadId: thread }, undefined, 'thread_invalid'],
  ] as const)('is refused with %s', async (_, changed, options, urlOf, code) => {
    const { deliver } = await start(changed, options, urlOf);

    expect(await deliver({})).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
  });

  it('waits for as long as it is told', async () => {
    const { deliver } = await start({ now: () => 0 });
    for (let index = 0; index < 5; index += 1) await deliver({});

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 2000 }]);
  });
});

describe('a message', () => {
  it('mentions whom it is to where it is critical, and nobody else', async () => {
    const mentions = ['here', '123456789012345678', '&223456789012345678'];
    const { fake, deliver } = await start({}, { mentions });
    await deliver({ message: '@everyone <@123456789012345678>' });
    expect(fake.mentioned).toEqual([]);
    await deliver(evicted);

    expect(fake.mentioned).toEqual(['@here', '<@&223456789012345678>', '<@123456789012345678>']);
  });

  it('leads to where the options say', async () => {
    const { fake, deliver } = await start({}, { links: { Logs: 'https://logs.example.com/?a=(1)' } });
    await deliver({ message: '[x](https://evil.example)' });

    expect(targetsIn(fake)).toEqual(['https://logs.example.com/?a=%281%29']);
  });

  it('mentions nobody and leads nowhere whatever an event says, and is never refused', async () => {
    let clock = 0;
    const { fake, destination } = await start({ now: () => (clock += 60_000) }, { mentions: ['123456789012345678'] });
    await fc.assert(
      fc.asyncProperty(hostileEvents(40), async (events) => {
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
        expect(targetsIn(fake)).toEqual([]);
      }),
      { numRuns: 250 },
    );
    expect(new Set(fake.mentioned).size).toBeLessThanOrEqual(1);
  });
});

/** Targets of links in the last message's description. */
function targetsIn(fake: DiscordFake): readonly string[] {
  const [embed] = listOf(fake.messages.at(-1)?.['embeds']).map(recordOf);
  return markdownTargets(textOf(embed?.['description']));
}

it.each(['slack', 'github'])('refuses the URL for messages in the form of %s', (form) => {
  const webhookUrl = `https://discord.com/api/webhooks/1234567890123456789/AbCd-4f1d9e0c7b6a/${form}`;

  expect(parseSecrets(config, JSON.stringify({ webhookUrl }), {})).toMatchObject({
    problems: [{ field: 'webhookUrl', message: expect.stringContaining('nothing after it') }],
  });
});
