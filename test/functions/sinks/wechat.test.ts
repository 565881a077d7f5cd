import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSecrets, parseSettings } from '../../../functions/core/destinations/destination.ts';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { config } from '../../../functions/sinks/wechat/config.ts';
import { weComMessage, type WeComMessage } from '../../../functions/sinks/wechat/message.ts';
import { sink } from '../../../functions/sinks/wechat/sink.ts';
import { markdownKinds, markdownTargets } from '../../support/markdown.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startWeCom, type WeComCompany, type WeComFake } from '../../support/vendors/wecom.ts';
import { anyText } from '../../support/any-text.ts';

const company: WeComCompany = {
  corpId: 'ww1a2b3c',
  corpSecret: 'app-secret',
  agentId: 1_000_002,
  members: ['zhangsan', 'lisi'],
  robotKey: 'robot-key',
};
const app = { corpId: 'ww1a2b3c', agentId: 1_000_002 };
const robot = { mode: 'robot' };
const secrets = { corpSecret: 'app-secret', robotKey: 'robot-key' };

const open: { fake: WeComFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(options: object, changed: Partial<WeComCompany> = {}, changedSecrets: object = secrets) {
  const fake = await startWeCom({ ...company, ...changed });
  const destination = await openDestination('wechat', {
    options: { endpoint: fake.url, ...options },
    secrets: { ...changedSecrets },
  });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, deliver };
}

function optionsOf(document: object) {
  const parsed = parseSettings(config, JSON.stringify(document));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.options;
}

function contentOf(message: WeComMessage): string {
  return message.msgtype === 'text' ? message.text.content : message.markdown.content;
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
const hostile = fc.oneof(
  anyText(300),
  fc.constantFrom('"\\'.repeat(10_000), '容'.repeat(20_000), '<@all>'.repeat(1000), '\\u0000 \\uD800', '\uD800'),
);

describe('an application', () => {
  it('asks for one access token and uses it for all messages', async () => {
    const { fake, deliver } = await start(app);

    expect(await deliver({}, evicted)).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(await deliver({ count: 10 })).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(2);
    expect(fake.tokensIssued()).toBe(1);
  });

  it('replaces a token that WeCom has ended, within the same attempt', async () => {
    const { fake, deliver } = await start(app);
    await deliver({});
    fake.revokeToken();

    expect(await deliver({ count: 10 })).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(2);
    expect(fake.tokensIssued()).toBe(2);
  });

  it('replaces a token five minutes before it expires', async () => {
    const { fake, deliver } = await start(app, { expiresIn: 300 });

    await deliver({});
    await deliver({ count: 10 });
    expect(fake.messages).toHaveLength(2);
    expect(fake.tokensIssued()).toBe(2);
  });

  it('is shown once where the same message is sent again', async () => {
    const { fake, deliver } = await start(app);

    await deliver({});
    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(1);
  });

  it('is shown for each of two events that say the same', async () => {
    const { fake, deliver } = await start(app);

    await deliver({});
    await deliver({ metadata: { ...sampleKubeEvent.metadata, resourceVersion: '184999' } });
    expect(fake.messages).toHaveLength(2);
  });

  it('reaches those receivers who exist, and names the others', async () => {
    const { fake, deliver } = await start({ ...app, toUser: ['zhangsan', 'Gone'] });

    expect(await deliver({})).toEqual([
      { status: 'delivered', warning: expect.stringMatching(/^not delivered to gone:/) },
    ]);
    expect(fake.messages).toMatchObject([{ touser: 'zhangsan|Gone' }]);
  });

  it.each([
    ['the secret is wrong', {}, {}, { corpSecret: 'other' }, 'secret_invalid'],
    ['the company is unknown', { corpId: 'other' }, {}, secrets, 'corp_invalid'],
    ['the application is another one', { agentId: 7 }, {}, secrets, 'agent_invalid'],
    ['no receiver exists', { toUser: ['gone'] }, {}, secrets, 'receivers_invalid'],
    ['the address is not trusted', {}, { isTrustedIp: false }, secrets, 'ip_not_allowed'],
  ])('is rejected for the destination where %s', async (_case, options, changed, given, code) => {
    const { fake, deliver } = await start({ ...app, ...options }, changed, given);

    expect(await deliver({})).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
    expect(fake.messages).toHaveLength(0);
  });

  it('is retried while its secret is missing', async () => {
    const { deliver } = await start(app, {}, { robotKey: 'robot-key' });

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'secret_missing' }]);
  });

  it.each(['text', 'markdown'])(
    'is accepted and never cut by WeCom, whatever the events hold, as %s',
    async (msgType) => {
      const { fake, deliver } = await start({ ...app, msgType, language: 'zh' });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ message: hostile, reason: hostile }), { minLength: 1, maxLength: 12 }),
          async (list) => {
            const events = list.map((fields, index) => ({ ...fields, metadata: { uid: String(index) } }));
            expect(new Set(await deliver(...events))).toEqual(new Set([{ status: 'delivered' }]));
          },
        ),
        { numRuns: 15 },
      );
      expect(fake.messages.length).toBeGreaterThan(0);
      for (const message of fake.messages) expect(message).not.toHaveProperty('truncated');
    },
  );
});

describe('a robot', () => {
  it.each(['text', 'markdown'])('is accepted as %s, whatever the events hold', async (msgType) => {
    let now = 0;
    // One message a minute: the rate is for another test.
    const { fake, deliver } = await start({ ...robot, msgType }, { now: () => (now += 60_000) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ message: hostile, reason: hostile }), { minLength: 1, maxLength: 12 }),
        async (list) => {
          const events = list.map((fields, index) => ({ ...fields, metadata: { uid: String(index) } }));
          expect(new Set(await deliver(...events))).toEqual(new Set([{ status: 'delivered' }]));
        },
      ),
      { numRuns: 15 },
    );
    expect(fake.messages).toHaveLength(15);
  });

  it('is throttled after 20 messages in a minute, and accepted again after the pause it is given', async () => {
    let now = Date.now();
    const { fake, deliver } = await start(robot, { now: () => now });
    for (let sent = 0; sent < 20; sent += 1) expect(await deliver({})).toEqual([{ status: 'delivered' }]);

    const [refused] = await deliver({});
    expect(refused).toMatchObject({ status: 'retry', code: 'throttled', afterMs: 60_000 });

    now += 60_001;
    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(21);
  });

  it('is rejected for the destination where its key is wrong, without showing the key', async () => {
    const { deliver } = await start(robot, { robotKey: 'other' });
    const outcomes = await deliver({});

    expect(outcomes).toMatchObject([{ status: 'rejected', scope: 'destination', code: 'robot_invalid' }]);
    expect(JSON.stringify(outcomes)).not.toContain('robot-key');
  });

  it('is retried while its key is missing', async () => {
    const { deliver } = await start(robot, {}, { corpSecret: 'app-secret' });

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'secret_missing' }]);
  });
});

describe('the message', () => {
  it('is text for an application, which WeChat shows too, and markdown for a robot', () => {
    expect(weComMessage([sampleEvent()], optionsOf(app)).msgtype).toBe('text');
    expect(weComMessage([sampleEvent()], optionsOf(robot)).msgtype).toBe('markdown');
  });

  it('mentions people only for a robot, and only where it is critical', () => {
    const markdown = optionsOf({ ...robot, mentionUsers: ['zhangsan', 'lisi'] });
    const text = optionsOf({ ...robot, msgType: 'text', mentionUsers: ['@all'] });
    const member = optionsOf({ ...app, msgType: 'markdown', mentionUsers: ['zhangsan'] });

    expect(contentOf(weComMessage([sampleEvent(evicted)], markdown))).toMatch(/\n<@zhangsan><@lisi>$/);
    expect(contentOf(weComMessage([sampleEvent()], markdown))).not.toContain('<@');
    expect(weComMessage([sampleEvent(evicted)], text)).toMatchObject({ text: { mentioned_list: ['@all'] } });
    expect(weComMessage([sampleEvent()], text)).not.toHaveProperty('text.mentioned_list');
    expect(contentOf(weComMessage([sampleEvent(evicted)], member))).not.toContain('<@');
  });

  it('keeps to the bytes of its kind, mentions included', () => {
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const long = sampleEvent({ ...evicted, message: '容'.repeat(20_000) });
    const size = (options: object) =>
      Buffer.byteLength(contentOf(weComMessage([long], optionsOf({ ...options, mentionUsers: users }))));

    expect(size({ ...robot, msgType: 'markdown' })).toBeLessThanOrEqual(4096);
    expect(size({ ...robot, msgType: 'markdown' })).toBeGreaterThan(4000);
    expect(size({ ...robot, msgType: 'text' })).toBeLessThanOrEqual(2048);
    expect(size({ ...app, msgType: 'markdown' })).toBeLessThanOrEqual(2048);
  });

  it('lets event text make no link, heading, colour or mention of its own', () => {
    const evil = [
      '[x](http://evil.example)',
      '<@all>',
      '<@zhangsan>',
      '<font color="info">',
      '<a href="http://evil.example">x</a>',
      '# big',
      'http://evil.example',
      '`',
      '**',
      '](',
      '\n\n# big\n',
      '&lt;@all&gt;',
    ];
    const text = fc.array(fc.constantFrom(...evil, 'plain', ' '), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('text', 'markdown'),
        (list, msgType) => {
          const options = optionsOf({
            ...robot,
            msgType,
            links: { Logs: 'https://logs.example.com/${ event.object.name }' },
          });
          const events = list.map(([message, reason, name], index) =>
            sampleEvent({
              message,
              reason,
              metadata: { uid: String(index) },
              involvedObject: { ...sampleKubeEvent.involvedObject, name },
            }),
          );
          const content = contentOf(weComMessage(events, options));
          const foreign = content.replace(/<\/?font( color="(comment|warning|info)")?>/g, '');
          expect(foreign).not.toMatch(/[<]|@(?!\u200B)/);
          const parsed = msgType === 'markdown' ? foreign : '';
          for (const target of markdownTargets(parsed)) expect(target).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
          expect(markdownKinds(parsed)).not.toContain('heading');
        },
      ),
    );
  });
});

describe('the destination', () => {
  it.each([
    [{}, ['corpId', 'agentId']],
    [{ corpId: 'ww1' }, ['agentId']],
    [{ ...app, toUser: ['a|b'] }, ['toUser[0]']],
    [{ ...app, toUser: [] }, ['toUser']],
  ])('names what is wrong in %j', (document, fields) => {
    const parsed = parseSettings(config, JSON.stringify(document));

    expect('problems' in parsed ? parsed.problems.map(({ field }) => field) : []).toEqual(fields);
  });

  it('needs one of the two secrets', () => {
    expect(parseSecrets(config, '{}', {})).toMatchObject({
      problems: [{ message: expect.stringContaining('corpSecret') }],
    });
  });

  it('is paced by application or robot, without showing the key', () => {
    const parsed = parseSecrets(config, JSON.stringify(secrets), {});
    if ('problems' in parsed) throw new Error('the secrets of the test are wrong');
    const forApp = sink.pace?.(optionsOf(app), parsed.value);
    const forRobot = sink.pace?.(optionsOf(robot), parsed.value);

    expect(forApp).toEqual({ key: expect.stringMatching(/^wechat:[0-9a-f]{16}$/), perMinute: 30 });
    expect(forRobot).toEqual({ key: expect.stringMatching(/^wechat:[0-9a-f]{16}$/), perMinute: 20 });
    expect(forRobot?.key).not.toBe(forApp?.key);
  });
});
