import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSettings, parseSecrets } from '../../../functions/core/destinations/destination.ts';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { config } from '../../../functions/sinks/dingtalk/config.ts';
import { meaningOf } from '../../../functions/sinks/dingtalk/errcode.ts';
import { dingTalkMessage, type DingTalkMessage } from '../../../functions/sinks/dingtalk/message.ts';
import { sink } from '../../../functions/sinks/dingtalk/sink.ts';
import { markdownKinds, markdownTargets } from '../../support/markdown.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startDingTalk, type DingTalkFake, type DingTalkRobot } from '../../support/vendors/dingtalk.ts';
import { anyText } from '../../support/any-text.ts';

const robot: DingTalkRobot = { accessToken: '4f1d9e0c7b6a', signSecret: 'SECexample' };
const secrets = { accessToken: '4f1d9e0c7b6a', signSecret: 'SECexample' };

const open: { fake: DingTalkFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(changed: Partial<DingTalkRobot> = {}, options: object = {}, changedSecrets: object = secrets) {
  const fake = await startDingTalk({ ...robot, ...changed });
  const destination = await openDestination('dingtalk', {
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

function textOf(message: DingTalkMessage): string {
  switch (message.msgtype) {
    case 'text':
      return message.text.content;
    case 'markdown':
      return message.markdown.text;
    case 'actionCard':
      return message.actionCard.text;
  }
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };

describe('against a robot that is as strict as DingTalk', () => {
  it('is accepted with signature, keyword and address checks on', async () => {
    const { fake, deliver } = await start({ keywords: ['告警'], allowedIps: ['127.0.0.1'] }, { keywords: ['告警'] });

    expect(await deliver({}, evicted)).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(fake.messages).toHaveLength(1);
  });

  it.each(['markdown', 'text', 'actionCard'])('is accepted as %s', async (msgType) => {
    const links = { Logs: 'https://logs.example.com/${ event.object.name }', Wiki: 'https://wiki.example.com/' };
    const { fake, deliver } = await start({}, { msgType, links });

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toMatchObject([{ msgtype: msgType }]);
  });

  it.each([
    ['the token is wrong', {}, { ...secrets, accessToken: 'other' }, 'token_invalid'],
    ['the secret is wrong', {}, { ...secrets, signSecret: 'SECother' }, 'sign_mismatch'],
    ['the keyword is missing', { keywords: ['告警'] }, secrets, 'keyword_missing'],
    ['the address is not listed', { allowedIps: ['203.0.113.7'] }, secrets, 'ip_not_allowed'],
    ['the robot is disabled', { state: 'disabled' }, secrets, 'robot_unavailable'],
    ['the group is dissolved', { state: 'dissolved' }, secrets, 'robot_unavailable'],
  ] as const)('is rejected for the destination where %s', async (_case, changed, given, code) => {
    const { fake, deliver } = await start(changed, {}, given);

    expect(await deliver({})).toMatchObject([{ status: 'rejected', scope: 'destination', code }]);
    expect(fake.messages).toHaveLength(0);
  });

  it('is throttled after 20 messages in a minute, and accepted again once the ten minutes are over', async () => {
    let now = Date.now();
    const { fake, deliver } = await start({ now: () => now });
    for (let sent = 0; sent < 20; sent += 1) expect(await deliver({})).toEqual([{ status: 'delivered' }]);

    const [refused] = await deliver({});
    expect(refused).toMatchObject({ status: 'retry', code: 'throttled' });
    const afterMs = refused?.status === 'retry' ? (refused.afterMs ?? 0) : 0;
    // Eight receives are permitted: seven pauses must outlast the block.
    expect(7 * afterMs).toBeGreaterThan(600_000);

    now += 599_000;
    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'throttled' }]);
    now += 2000;
    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(21);
  });

  it('is retried with a new signature where the clocks differ', async () => {
    let skew = 2 * 3_600_000;
    const { fake, deliver } = await start({ now: () => Date.now() + skew });

    expect(await deliver({})).toMatchObject([{ status: 'retry', code: 'timestamp_invalid' }]);
    skew = 0;
    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    expect(fake.messages).toHaveLength(1);
  });

  it('is accepted whatever the events hold, as long as the body is below the limit of bytes', async () => {
    const { fake, deliver } = await start({ perMinute: 1000 }, { msgType: 'markdown', language: 'zh' });
    const text = fc.oneof(anyText(300), fc.constantFrom('"\\'.repeat(10_000), '容'.repeat(20_000)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ message: text, reason: text }), { minLength: 1, maxLength: 12 }),
        async (list) => {
          const events = list.map((fields, index) => ({ ...fields, metadata: { uid: String(index) } }));
          expect(new Set(await deliver(...events))).toEqual(new Set([{ status: 'delivered' }]));
        },
      ),
      { numRuns: 15 },
    );
    expect(fake.messages.length).toBe(15);
  });
});

it.each([130_101, 410_100, 90_018, 90_030])('errcode %i is that of a robot that is throttled', (errcode) => {
  expect(meaningOf(errcode, '')).toMatchObject({ status: 'retry', code: 'throttled', afterMs: 120_000 });
});

describe('the message', () => {
  it('mentions people only where it is critical, and names them in the text', () => {
    const options = optionsOf({ atMobiles: ['13800000000'], atUserIds: ['manager01'] });

    expect(dingTalkMessage([sampleEvent()], options)).not.toHaveProperty('at');
    const critical = dingTalkMessage([sampleEvent(evicted)], options);
    expect(critical).toMatchObject({ at: { atMobiles: ['13800000000'], atUserIds: ['manager01'], isAtAll: false } });
    expect(textOf(critical)).toMatch(/@13800000000 @manager01$/);
    expect(dingTalkMessage([sampleEvent(evicted)], optionsOf({ atAll: true }))).toMatchObject({
      at: { isAtAll: true },
    });
  });

  it('makes buttons of the links of a card, which open the browser', () => {
    const one = optionsOf({
      msgType: 'actionCard',
      links: { Logs: 'https://logs.example.com/?a=1&b=${ event.reason }' },
    });

    expect(dingTalkMessage([sampleEvent()], one)).toMatchObject({
      msgtype: 'actionCard',
      actionCard: {
        singleTitle: 'Logs',
        singleURL:
          'dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Flogs.example.com%2F%3Fa%3D1%26b%3DBackOff&pc_slide=false',
      },
    });
    const two = optionsOf({
      msgType: 'actionCard',
      links: { Logs: 'https://a.example.com/', Wiki: 'https://b.example.com/' },
    });
    expect(dingTalkMessage([sampleEvent()], two)).toMatchObject({
      actionCard: { btnOrientation: '0', btns: [{ title: 'Logs' }, { title: 'Wiki' }] },
    });
  });

  it('leaves a link as it is where the form that opens the browser would be too long', () => {
    const url = `https://logs.example.com/?q=${'&'.repeat(500)}`;
    const message = dingTalkMessage([sampleEvent()], optionsOf({ msgType: 'actionCard', links: { Logs: url } }));

    expect(message).toMatchObject({ actionCard: { singleURL: url } });
    expect(textOf(message)).not.toContain('logs.example.com');
  });

  it('is markdown where a card has no button, mentions somebody, or is a digest', () => {
    const links = { Logs: 'https://logs.example.com/' };
    const other = sampleEvent({ metadata: { uid: 'other' }, reason: 'Killing' });

    expect(dingTalkMessage([sampleEvent()], optionsOf({ msgType: 'actionCard' })).msgtype).toBe('markdown');
    const mentioning = dingTalkMessage(
      [sampleEvent(evicted)],
      optionsOf({ msgType: 'actionCard', links, atAll: true }),
    );
    expect(mentioning.msgtype).toBe('markdown');
    expect(textOf(mentioning)).toContain('[Logs](https://logs.example.com/)');
    const digest = dingTalkMessage([sampleEvent(), other], optionsOf({ msgType: 'actionCard', links }));
    expect(digest.msgtype).toBe('markdown');
  });

  it('has the keyword in title and text, added only where none of them is there', () => {
    const added = dingTalkMessage([sampleEvent()], optionsOf({ keywords: ['alert', 'alarm'] }));
    expect(added).toMatchObject({ markdown: { title: expect.stringMatching(/ alert$/) } });
    expect(textOf(added)).toMatch(/\n\nalert$/);

    const there = dingTalkMessage([sampleEvent()], optionsOf({ keywords: ['alert', 'BackOff'] }));
    expect(textOf(there)).not.toContain('alert');
  });

  it('keeps its limit of characters with mentions, keyword and links', () => {
    const options = optionsOf({
      keywords: ['关键词'],
      atMobiles: Array.from({ length: 20 }, (_, index) => `138000000${String(index).padStart(2, '0')}`),
      links: { Logs: `https://logs.example.com/${'a'.repeat(900)}` },
      labels: ['标签'.repeat(50)],
    });
    const text = textOf(dingTalkMessage([sampleEvent({ ...evicted, message: '容'.repeat(5000) })], options));

    expect(text.length).toBeLessThanOrEqual(3000);
    expect(text.length).toBeGreaterThan(2950);
    expect(text).toMatch(/@13800000019\n\n关键词$/);
  });

  it('lets event text make no link, image, heading, tag or mention of its own', () => {
    const evil = [
      '[x](http://evil.example)',
      '![x](http://evil.example/i.png)',
      '<img src=x>',
      '# big',
      'http://evil.example',
      '@all',
      '@13800000000',
      '`',
      '**',
      '](',
      '&lt;b&gt;',
      '\n\n# big\n',
    ];
    const text = fc.array(fc.constantFrom(...evil, 'plain', ' '), { maxLength: 12 }).map((parts) => parts.join(''));
    const options = optionsOf({ links: { Logs: 'https://logs.example.com/${ event.object.name }' } });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 4 }), (list) => {
        const events = list.map(([message, reason, name], index) =>
          sampleEvent({
            message,
            reason,
            metadata: { uid: String(index) },
            involvedObject: { ...sampleKubeEvent.involvedObject, name },
          }),
        );
        const source = textOf(dingTalkMessage(events, options));
        const kinds = markdownKinds(source);
        for (const target of markdownTargets(source)) expect(target).toMatch(/^https:\/\/logs\.example\.com\/[^/]*$/);
        for (const kind of ['image', 'html', 'table', 'code']) expect(kinds).not.toContain(kind);
        expect(kinds.filter((kind) => kind === 'heading')).toHaveLength(1);
        expect(source).not.toMatch(/@(all|\d)/);
      }),
    );
  });
});

describe('the destination', () => {
  it('takes the token alone, and says so to who pastes the whole URL', () => {
    const url = 'https://oapi.dingtalk.com/robot/send?access_token=4f1d';

    expect(parseSecrets(config, JSON.stringify({ accessToken: url }), {})).toMatchObject({
      problems: [{ field: 'accessToken', message: expect.stringContaining('the token alone') }],
    });
  });

  it('posts to the path of the endpoint, if it has one', async () => {
    const { fake } = await start();
    const destination = await openDestination('dingtalk', {
      options: { endpoint: `${fake.url}/robot/send?ignored=1` },
      secrets: { ...secrets },
    });

    expect(await destination.deliver([sampleEvent()])).toEqual([{ status: 'delivered' }]);
    await destination.close();
  });

  it('is paced by robot, without showing the token', () => {
    const parsed = parseSecrets(config, JSON.stringify(secrets), {});
    if ('problems' in parsed) throw new Error('the secrets of the test are wrong');
    const pace = sink.pace?.(optionsOf({}), parsed.value);

    expect(pace).toEqual({ key: expect.stringMatching(/^dingtalk:[0-9a-f]{16}$/), perMinute: 20 });
    expect(pace?.key).not.toContain(secrets.accessToken);
  });
});
