import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { isRecord, textOf } from '../../../functions/core/contract/untrusted.ts';
import { laidOut } from '../../../functions/core/chat/message.ts';
import { cardLayout, MAX_BODY_BYTES, type FeishuMessage } from '../../../functions/sinks/feishu/card.ts';
import { config } from '../../../functions/sinks/feishu/config.ts';
import { sink } from '../../../functions/sinks/feishu/sink.ts';
import { anyText } from '../../support/any-text.ts';
import { openDestination } from '../../support/live-destination.ts';
import { markdownKinds, markdownTargets } from '../../support/markdown.ts';
import { startFeishu, type FeishuBot } from '../../support/vendors/feishu.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(bot: FeishuBot = {}, options: object = {}, secrets: object = {}) {
  const fake = await startFeishu(bot);
  ends.push(() => fake.stop());
  const destination = await openDestination('feishu', {
    options: { ...options },
    secrets: { webhookUrl: fake.webhookUrl, ...secrets },
  });
  ends.push(() => destination.close());
  return { fake, deliver: (...events: readonly ClusterEvent[]) => destination.deliver(events) };
}

function optionsOf(document: object) {
  const parsed = parseSettings(config, JSON.stringify(document));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

function messageOf(events: readonly ClusterEvent[], document: object): FeishuMessage {
  const options = optionsOf(document);
  return laidOut(events, options, cardLayout(options));
}

const evicted: KubeEvent = { reason: 'Evicted', message: 'The node was low on resource: memory.' };

describe('against a bot that is as strict as Feishu', () => {
  it('is accepted with signature and keyword checks on', async () => {
    const { fake, deliver } = await start(
      { signSecret: 'secret-of-the-test', keywords: ['告警'] },
      { keywords: ['告警'] },
      { signSecret: 'secret-of-the-test' },
    );

    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(1);
  });

  it.each([
    ['sign_mismatch', { signSecret: 'another-secret' }],
    ['ip_not_allowed', { allowsAddress: false }],
    ['keyword_missing', { keywords: ['告警'] }],
    ['bot_disabled', { isDisabled: true }],
  ] as const)('rejects the destination as %s', async (code, bot) => {
    const { deliver } = await start(bot, {}, { signSecret: 'secret-of-the-test' });

    expect(await deliver(sampleEvent())).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
  });

  it('rejects the destination whose webhook is unknown', async () => {
    const { fake, deliver } = await start();
    const other = await start({}, {}, { webhookUrl: `${fake.webhookUrl}x` });

    expect(await other.deliver(sampleEvent())).toMatchObject([{ scope: 'destination', code: 'webhook_unknown' }]);
    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
  });

  it('waits a minute beyond five messages in a second', async () => {
    const { deliver } = await start({ now: () => Date.parse('2026-11-23T08:00:00Z') });

    for (let sent = 0; sent < 5; sent += 1) await deliver(sampleEvent());
    expect(await deliver(sampleEvent())).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 60_000 }]);
  });

  it('says that the card is refused where the group forbids to mention everybody', async () => {
    const { deliver } = await start({}, { mentions: ['all'] });

    expect(await deliver(sampleEvent(evicted))).toMatchObject([{ status: 'rejected', code: 'card_refused' }]);
    expect(await deliver(sampleEvent())).toEqual([{ status: 'delivered' }]);
  });
});

describe('the card', () => {
  it('mentions people in critical messages only, in an element of their own', () => {
    const mentions = ['ou_8a4b', 'all'];

    expect(JSON.stringify(messageOf([sampleEvent()], { mentions }))).not.toContain('<at');
    expect(messageOf([sampleEvent(evicted)], { mentions }).card.body.elements[0]).toEqual({
      tag: 'markdown',
      content: '<at id=ou_8a4b></at> <at id=all></at>',
    });
  });

  it('has a keyword in its title, added only where none of them is there', () => {
    const title = (keywords: readonly string[]) => messageOf([sampleEvent()], { keywords }).card.header.title.content;

    expect(title(['alert', 'alarm'])).toMatch(/ alert$/);
    expect(title(['alert', 'BackOff'])).not.toContain('alert');
  });

  it.each([
    ['critical', evicted, 'red'],
    ['warning', {}, 'orange'],
    ['info', { type: 'Normal', reason: 'Pulled', message: 'Image pulled' }, 'blue'],
  ] as const)('is %s in its colour', (_severity, event, template) => {
    expect(messageOf([sampleEvent(event)], {}).card.header.template).toBe(template);
  });

  it('keeps its limit of bytes when every character becomes an entity', () => {
    const message = messageOf([sampleEvent({ ...evicted, message: '<*['.repeat(4000) })], { mentions: ['all'] });
    const bytes = Buffer.byteLength(JSON.stringify(message));

    expect(bytes).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(bytes).toBeGreaterThan(MAX_BODY_BYTES - 100);
  });
});

const HOSTILE = [
  '<at id=all></at>',
  '<at user_id="all">x</at>',
  '<at id=ou_evil></at>',
  '&#60;at id=all&#62;',
  '&lt;at id=all&gt;',
  '[x](http://evil.example)',
  '![x](http://evil.example/i.png)',
  '<a href="http://evil.example">x</a>',
  '<link url="http://evil.example">',
  '<person id="ou_evil">',
  '<font color=red>',
  'http://evil.example',
  'www.evil.example',
  'me@evil.example',
  '<http://evil.example>',
  ':DONE:',
  '```',
  '`',
  '**',
  '__',
  '~~',
  '](',
  '# big',
  '$x$',
  '\n\n# big\n',
  '\n```\n<at id=all></at>\n',
  '\uD800',
  '\u202E',
  '|',
  ' ',
];

describe('5,000 hostile events', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 12 }).map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom(...HOSTILE), fc.nat(400)).map(([part, times]) => part.repeat(times)),
    anyText(100),
  );
  const megabyte = fc.constant('<at id=all></at>'.repeat(65_536));
  const message = fc.oneof({ arbitrary: text, weight: 49 }, { arbitrary: megabyte, weight: 1 });
  const hostile = fc.record({ message, reason: text, name: text, namespace: text, host: text });

  it('are never refused, and mention, link and show nothing that the options do not', async () => {
    let now = Date.parse('2026-11-23T08:00:00Z');
    const links = { Logs: 'https://logs.example.com/${ event.object.name }' };
    const { fake, deliver } = await start(
      { mentionable: ['ou_8a4b'], now: () => (now += 1000) },
      { links, mentions: ['ou_8a4b'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 25, maxLength: 25 }), async (list) => {
        const outcomes = await deliver(...list.map((fields, index) => hostileEvent(index, fields)));
        expect(new Set(outcomes)).toEqual(new Set([{ status: 'delivered' }]));
      }),
      { numRuns: 190 },
    );
    // One by one they take other paths.
    for (const event of fc.sample(hostile, 250)) await deliver(hostileEvent(0, event));

    expect(fake.replies.filter(({ code }) => code !== 0)).toEqual([]);
    expect(fake.messages).toHaveLength(190 + 250);
    for (const content of fake.messages.flatMap(markdownOf)) {
      if (content === '<at id=ou_8a4b></at>') continue;
      const kinds = markdownKinds(content);
      for (const kind of ['image', 'html', 'table', 'heading']) expect(kinds).not.toContain(kind);
      for (const target of markdownTargets(content)) expect(target).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
      expect(content).not.toMatch(/<[a-z/]/i);
      expect(content.replaceAll(/^```bash\n.*\n```$/gm, '')).not.toContain(':DONE:');
    }
  });
});

/** The contents of all markdown elements. */
function markdownOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(markdownOf);
  if (!isRecord(value)) return [];
  return value['tag'] === 'markdown' ? [textOf(value['content'])] : Object.values(value).flatMap(markdownOf);
}

function hostileEvent(
  index: number,
  fields: Readonly<Record<'message' | 'reason' | 'name' | 'namespace' | 'host', string>>,
): ClusterEvent {
  const { message, name, namespace, host } = fields;
  return sampleEvent({
    message,
    reason: index % 3 === 0 ? 'Evicted' : fields.reason,
    metadata: { uid: String(index), resourceVersion: '1' },
    involvedObject: { ...sampleKubeEvent.involvedObject, name, namespace },
    source: { component: 'kubelet', host },
  });
}

describe('the destination', () => {
  it.each([
    ['of the first version', 'https://open.feishu.cn/open-apis/bot/hook/0a1b'],
    ['of a flow', 'https://www.feishu.cn/flow/api/trigger-webhook/0a1b'],
  ])('refuses a URL %s, and says what to use', (_which, webhookUrl) => {
    const parsed = parseSecrets(config, JSON.stringify({ webhookUrl }), {});

    expect(parsed).toMatchObject({
      problems: [{ field: 'webhookUrl', message: expect.stringContaining('/open-apis/bot/v2/hook/') }],
    });
    expect(JSON.stringify(parsed)).not.toContain('0a1b');
  });

  it('is paced by bot, without showing its URL', () => {
    const webhookUrl = 'https://open.larksuite.com/open-apis/bot/v2/hook/0a1b2c3d';
    const parsed = parseSecrets(config, JSON.stringify({ webhookUrl }), {});
    if ('problems' in parsed) throw new Error('the secrets of the test are wrong');

    expect(sink.pace?.(optionsOf({}), parsed.value)).toEqual({
      key: expect.stringMatching(/^feishu:[0-9a-f]{16}$/),
      perMinute: 60,
    });
  });
});
