import type { KnownBlock, MessageAttachment } from '@slack/types';
import fc from 'fast-check';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { EventContext } from '../../../functions/core/contract/context.ts';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { sampleEvent, sampleEventIn, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import { colors, type BlockMessage } from '../../../functions/sinks/slack/blocks.ts';
import { config } from '../../../functions/sinks/slack/config.ts';
import { meanings, outcomeOf } from '../../../functions/sinks/slack/errors.ts';
import { slackMessage } from '../../../functions/sinks/slack/message.ts';
import { escapeMrkdwn } from '../../../functions/sinks/slack/mrkdwn.ts';
import { sink } from '../../../functions/sinks/slack/sink.ts';
import { anyText } from '../../support/any-text.ts';
import { expectDocumented } from '../../support/documented-codes.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { markdownTargets } from '../../support/markdown.ts';
import { nodeLost, storms } from '../../support/storms.ts';
import { startSlack, type SlackFake } from '../../support/vendors/slack.ts';

const open: { fake: SlackFake; destinations: LiveDestination[] }[] = [];
afterEach(async () => {
  for (const { fake, destinations } of open.splice(0)) {
    for (const destination of destinations) await destination.close();
    await fake.stop();
  }
});

type Kind = 'webhook' | 'bot' | 'mattermost' | 'rocket.chat';

async function start(kind: Kind, options: Readonly<Record<string, unknown>> = {}, now?: () => number) {
  const fake = await startSlack({
    channels: { C0123456789: 'member', 'payments-on-call': 'member', secret: 'stranger', old: 'archived' },
    mentionable: ['U0123456789', 'S0123456789', 'here', 'on-call'],
    ...(now && { now }),
  });
  const documents = {
    webhook: { options, secrets: { webhookUrl: fake.webhookUrl } },
    bot: {
      options: { endpoint: fake.url, channel: 'C0123456789', ...options },
      secrets: { botToken: fake.botToken },
    },
    mattermost: { options: { format: 'attachments', ...options }, secrets: { webhookUrl: fake.mattermostUrl } },
    'rocket.chat': { options: { format: 'attachments', ...options }, secrets: { webhookUrl: fake.rocketChatUrl } },
  };
  const destination = await openDestination('slack', documents[kind]);
  open.push({ fake, destinations: [destination] });
  return { fake, deliver: (...events: readonly ClusterEvent[]) => destination.deliver(events) };
}

function optionsOf(document: object) {
  const parsed = parseSettings(config, JSON.stringify(document));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

function blocksOf(events: readonly ClusterEvent[], options: object = {}): BlockMessage {
  const message = slackMessage(events, optionsOf(options));
  if (!('blocks' in message)) throw new Error('the message has no blocks');
  return message;
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
const annotated = (channel: string): EventContext => ({ namespaceAnnotations: { 'slack/channel': channel } });
const template = '${ event.namespace.annotations["slack/channel"] }';

describe('against services as strict as Slack, Mattermost and Rocket.Chat', () => {
  it.each(['webhook', 'bot', 'mattermost', 'rocket.chat'] as const)('is delivered: %s', async (kind) => {
    const { fake, deliver } = await start(kind, { links: { Logs: 'https://logs.example.com/${ event.object.name }' } });

    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    expect(await deliver(...nodeLost)).toHaveLength(nodeLost.length);
    expect(fake.messages).toHaveLength(2);
    expect(fake.refusals).toEqual([]);
  });

  it('sends to each channel that an annotation names one message, and the rest to the fallback channel', async () => {
    const { fake, deliver } = await start('bot', { channel: template, fallbackChannel: 'C0123456789' });
    const events = ['payments-on-call', '', 'no channel <!here>', 'payments-on-call'].map((channel, index) =>
      sampleEventIn(annotated(channel), { metadata: { uid: `u${index}` } }),
    );

    expect(await deliver(...events)).toEqual(events.map(() => ({ status: 'delivered' })));
    expect(fake.messages.map(({ channel }) => channel)).toEqual(['payments-on-call', 'C0123456789']);
  });

  it.each([
    ['does not exist', 'nowhere', 'channel_not_found'],
    ['the bot is not in', 'secret', 'not_in_channel'],
    ['is archived', 'old', 'is_archived'],
  ])('sends to the fallback channel, with a warning, what went to a channel that %s', async (_case, channel, error) => {
    const { fake, deliver } = await start('bot', { channel: template, fallbackChannel: 'C0123456789' });

    const [outcome] = await deliver(sampleEventIn(annotated(channel)));

    expect(outcome).toMatchObject({ status: 'delivered', warning: expect.stringContaining(`${channel} was refused`) });
    expect(outcome).toMatchObject({ warning: expect.stringContaining(error) });
    expect(fake.messages).toMatchObject([{ channel: 'C0123456789' }]);
  });

  it('says what became of the fallback where that is refused too', async () => {
    const { deliver } = await start('bot', { channel: template, fallbackChannel: 'old' });

    expect(await deliver(sampleEventIn(annotated('nowhere')))).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'channel_archived' },
    ]);
  });

  it('rejects an event only once Slack has refused it alone', async () => {
    const { fake, deliver } = await start('webhook');
    const events = ['a', 'b'].map((uid) => sampleEvent({ metadata: { uid } }));
    for (let answers = 0; answers < 2; answers += 1) fake.failNext({ status: 400, body: 'invalid_blocks' });

    expect(await deliver(...events)).toMatchObject([
      { status: 'rejected', scope: 'event', code: 'message_refused' },
      { status: 'delivered' },
    ]);
  });

  it('waits as long as Slack says once it sends more than a second permits, in both forms of the refusal', async () => {
    for (const kind of ['webhook', 'bot'] as const) {
      let now = Date.now();
      const { fake, deliver } = await start(kind, {}, () => now);
      while (fake.refusals.length === 0 && fake.messages.length < 20) await deliver(sampleEvent());

      expect(await deliver(sampleEvent())).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 1000 }]);
      now += 1000;
      expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    }
  });

  it('needs the secret that goes with its options', async () => {
    const channel = await openDestination('slack', {
      options: { channel: 'C0123456789' },
      secrets: { webhookUrl: 'http://127.0.0.1:9/services/x' },
    });
    const none = await openDestination('slack', { options: {}, secrets: { botToken: 'xoxb-token' } });

    expect(await channel.deliver([sampleEvent()])).toMatchObject([{ status: 'retry', code: 'secret_missing' }]);
    expect(await none.deliver([sampleEvent()])).toMatchObject([{ status: 'retry', code: 'secret_missing' }]);
  });
});

describe('what a service answers', () => {
  const now = new Date('2026-11-23T08:00:00Z');
  const said = (error: string, status = 200) =>
    outcomeOf({ status, headers: {}, body: JSON.stringify({ ok: false, error }) }, now);

  it.each([...meanings])('means the same in the body of a webhook as of the Web API: %s', (error, meaning) => {
    const expected = { status: meaning.status, code: meaning.code };

    expect(said(error)).toMatchObject(expected);
    for (const status of [200, 400, 403, 404, 410, 500])
      expect(outcomeOf({ status, headers: {}, body: error }, now)).toMatchObject(expected);
    expectDocumented(config, [said(error)]);
  });

  it.each([
    ['web.incoming_webhook.invalid.app_error', 400, 'webhook_gone'],
    ['web.incoming_webhook.channel.app_error', 404, 'webhook_gone'],
    ['web.incoming_webhook.disabled.app_error', 501, 'webhook_disabled'],
    ['web.incoming_webhook.channel_locked.app_error', 403, 'posting_denied'],
    ['web.incoming_webhook.text.app_error', 400, 'message_refused'],
    ['web.incoming_webhook.split_props_length.app_error', 400, 'message_too_long'],
  ])('is understood of Mattermost: %s', (id, status, code) => {
    const body = JSON.stringify({ id, message: 'Sorry', detailed_error: '', request_id: 'r', status_code: status });
    const outcome = outcomeOf({ status, headers: {}, body }, now);

    expect(outcome).toMatchObject({ code });
    expectDocumented(config, [outcome]);
  });

  it('names the scope that is needed, and what is wrong with a block', () => {
    const scope = JSON.stringify({ ok: false, error: 'missing_scope', needed: 'chat:write' });
    const block = JSON.stringify({
      ok: false,
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text]'] },
    });

    expect(outcomeOf({ status: 200, headers: {}, body: scope }, now)).toMatchObject({
      detail: 'HTTP 200: missing_scope; needs chat:write',
    });
    expect(outcomeOf({ status: 200, headers: {}, body: block }, now)).toMatchObject({
      detail: expect.stringContaining('json-pointer:/blocks/0/text'),
    });
  });

  it('is retried after half a minute where a status alone says to come back later', () => {
    expect(outcomeOf({ status: 429, headers: {}, body: '' }, now)).toMatchObject({ code: 'http_429', afterMs: 30_000 });
    expect(outcomeOf({ status: 429, headers: { 'retry-after': '7' }, body: '' }, now)).toMatchObject({ afterMs: 7000 });
  });
});

describe('the message', () => {
  it('has the types of Slack', () => {
    expectTypeOf<Mutable<BlockMessage['blocks']>>().toExtend<KnownBlock[]>();
    expectTypeOf<Mutable<NonNullable<BlockMessage['attachments']>>>().toExtend<MessageAttachment[]>();
    expectTypeOf<Mutable<NonNullable<BlockMessage['attachments']>[0]['blocks']>>().toExtend<KnownBlock[]>();
  });

  it('has the colour of its severity, and its mark in the title', () => {
    for (const [reason, severity, mark] of [
      ['Evicted', 'critical', '🔴'],
      ['BackOff', 'warning', '🟠'],
    ] as const)
      expect(blocksOf([sampleEvent({ reason })])).toMatchObject({
        text: expect.stringContaining(mark),
        attachments: [{ color: colors[severity] }],
      });
  });

  it('mentions people only where it is critical, in a block of their own', () => {
    const mentions = ['U0123456789', 'S0123456789', 'here'];
    const text = { type: 'mrkdwn', text: '<@U0123456789> <!subteam^S0123456789> <!here>', verbatim: true };

    expect(blocksOf([sampleEvent()], { mentions }).blocks).toHaveLength(1);
    expect(blocksOf([sampleEvent(evicted)], { mentions }).blocks[1]).toEqual({ type: 'section', text });
    expect(
      slackMessage([sampleEvent(evicted)], optionsOf({ format: 'attachments', mentions: ['on-call'] })),
    ).toMatchObject({ text: '@on-call' });
    expect(
      slackMessage([sampleEvent()], optionsOf({ format: 'attachments', mentions: ['on-call'] })),
    ).not.toHaveProperty('text');
  });

  it('links without buttons, which would warn that no app answers', () => {
    const message = JSON.stringify(blocksOf([sampleEvent()], { links: { Logs: 'https://logs.example.com/' } }));

    expect(message).toContain('{"type":"link","url":"https://logs.example.com/","text":"Logs"}');
    expect(message).not.toContain('"button"');
  });

  it.each(storms)('tells of all events, as far as there is room: $name', ({ events }) => {
    const { blocks, attachments = [] } = blocksOf(events);
    const size = Buffer.byteLength(JSON.stringify([...blocks, ...attachments.flatMap((each) => each.blocks)]));

    expect(size).toBeLessThanOrEqual(12_000);
    expect(JSON.stringify(attachments)).not.toContain('more:');
  });

  it('escapes what mrkdwn reads, and leaves names as they are', () => {
    expect(escapeMrkdwn('a&b <!channel> *x* _y_ ~z~ `c` DB_PASSWORD 15:55:00 :fire: https://x.example')).toBe(
      "a&amp;b &lt;!channel&gt; ∗x∗ ＿y＿ ∼z∼ 'c' DB_PASSWORD 15:55:00 :\u200Bfire: https:\u200B//x.example",
    );
  });
});

const HOSTILE = [
  '<!channel>',
  '<!here>',
  '<!everyone>',
  '<!subteam^S0123456789>',
  '<@U0123456789>',
  '<#C0123456789>',
  '<http://evil.example|Logs>',
  '<!date^0^{date}|x>',
  '@channel @all @here',
  '@on-call',
  '[x](http://evil.example)',
  '![x](http://evil.example/i.png)',
  '&lt;!channel&gt;',
  '&amp;',
  '```',
  '*b*',
  ':fire:',
  '\u202E',
  '\uD800',
  '"\\',
  '容',
  '😀',
  'word ',
];

const MEGABYTE = '<!channel>'.repeat(100_000);

describe('5,000 hostile events', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 12 }).map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom(...HOSTILE), fc.nat(400)).map(([part, times]) => part.repeat(times)),
    anyText(100),
  );
  const message = fc.oneof({ arbitrary: text, weight: 49 }, { arbitrary: fc.constant(MEGABYTE), weight: 1 });
  const hostile = fc.record({ message, reason: text, name: text, namespace: text, host: text });

  it.each(['webhook', 'bot', 'mattermost', 'rocket.chat'] as const)(
    'are never refused, and mention and link nothing that the options do not: %s',
    async (kind) => {
      let now = Date.now();
      const isServer = kind === 'mattermost' || kind === 'rocket.chat';
      const links = { Logs: 'https://logs.example.com/${ event.object.name }' };
      const { fake, deliver } = await start(
        kind,
        { links, mentions: isServer ? ['on-call'] : ['U0123456789', 'here'] },
        () => (now += 1000),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 25, maxLength: 25 }), async (list) => {
          const events = list.map((fields, index) => hostileEvent(index, fields));
          expect(new Set(await deliver(...events))).toEqual(new Set([{ status: 'delivered' }]));
        }),
        { numRuns: 40 },
      );
      // One by one they take other paths.
      for (const event of fc.sample(hostile, 250)) await deliver(hostileEvent(0, event));

      expect(fake.refusals).toEqual([]);
      expect(fake.messages).toHaveLength(40 + 250);
      for (const url of fake.messages.flatMap(({ payload }) => linksIn(payload)))
        expect(url).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
    },
  );
});

/** The links of blocks, and those that Markdown makes. */
function linksIn(value: unknown): readonly string[] {
  const { url, attachments } = recordOf(value);
  if (typeof url === 'string') return [url];
  if (typeof value === 'object' && value !== null && !('attachments' in value && !('blocks' in value)))
    return Object.values(value).flatMap(linksIn);
  const texts = listOf(attachments).flatMap((each) => {
    const { title, text, fields } = recordOf(each);
    return [title, text, ...listOf(fields).map((field) => recordOf(field)['value'])];
  });
  return texts.map(textOf).flatMap(markdownTargets);
}

function hostileEvent(
  index: number,
  {
    message,
    reason,
    name,
    namespace,
    host,
  }: Readonly<Record<'message' | 'reason' | 'name' | 'namespace' | 'host', string>>,
): ClusterEvent {
  const fields: KubeEvent = {
    message,
    reason: index % 3 === 0 ? 'Evicted' : reason,
    metadata: { uid: String(index), resourceVersion: '1' },
    involvedObject: { ...sampleKubeEvent.involvedObject, name, namespace },
    source: { component: 'kubelet', host },
  };
  return sampleEvent(fields);
}

describe('the destination', () => {
  const problemsOf = (document: object, parse: 'settings' | 'secrets' = 'settings') => {
    const text = JSON.stringify(document);
    const parsed = parse === 'settings' ? parseSettings(config, text) : parseSecrets(config, text, {});
    return 'problems' in parsed ? parsed.problems : [];
  };

  it.each([
    ['a template without a fallback', { channel: template }, 'fallbackChannel', 'is missing'],
    ['a channel with a blank', { channel: 'on call' }, 'channel', 'the id or the name'],
    ['a fallback without a channel', { fallbackChannel: 'ops' }, 'fallbackChannel', 'has no meaning'],
    ['a mention by name in blocks', { mentions: ['on-call'] }, 'mentions[0]', 'expected an id'],
    ['a mention with an @', { format: 'attachments', mentions: ['@all'] }, 'mentions[0]', 'without @'],
    ['an unknown name in a template', { channel: '${ event.namespaceAnnotations }' }, 'channel', 'unknown name'],
  ])('refuses %s', (_case, document, field, message) => {
    expect(problemsOf(document)).toContainEqual({ field, message: expect.stringContaining(message) });
  });

  it.each([
    ['the trigger of a workflow', { webhookUrl: 'https://hooks.slack.com/triggers/T0/1/x' }, 'incoming webhook'],
    ['a token that is none', { botToken: 'Bearer x' }, 'xoxb-'],
    ['both secrets', { webhookUrl: 'https://hooks.slack.com/services/x', botToken: 'xoxb-x' }, 'either webhookUrl'],
    ['neither', {}, 'either webhookUrl'],
  ])('refuses %s among the secrets', (_case, document, message) => {
    expect(problemsOf(document, 'secrets')).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  it('is paced by webhook, or by token and channel, without showing a secret', () => {
    const paceOf = (options: object, secrets: object) => {
      const parsed = parseSecrets(config, JSON.stringify(secrets), {});
      if ('problems' in parsed) throw new Error('the secrets of the test are wrong');
      return sink.pace?.(optionsOf(options), parsed.value);
    };
    const bot = { botToken: 'xoxb-x' };
    const paces = [
      paceOf({}, { webhookUrl: 'https://hooks.slack.com/services/a' }),
      paceOf({}, { webhookUrl: 'https://hooks.slack.com/services/b' }),
      paceOf({ channel: 'a' }, bot),
      paceOf({ channel: 'b' }, bot),
    ];

    for (const pace of paces)
      expect(pace).toEqual({ key: expect.stringMatching(/^slack:[0-9a-f]{16}$/), perMinute: 60 });
    expect(new Set(paces.map((pace) => pace?.key)).size).toBe(4);
  });
});

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;
