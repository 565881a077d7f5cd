import { afterEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { config } from '../../../functions/sinks/webhook/config.ts';
import { replyReader, type ReplyRules } from '../../../functions/sinks/webhook/reply.ts';
import { replyFor } from '../../../infra/ops/import/robots.ts';
import { createReport } from '../../../infra/ops/import/report.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startDingTalk } from '../../support/vendors/dingtalk.ts';
import { startWeCom } from '../../support/vendors/wecom.ts';

const now = new Date('2026-11-23T08:00:00Z');
const robot: ReplyRules = { field: 'errcode', success: 0, throttled: [130_101, '45*'], rejected: 310_000 };

function outcome(rules: ReplyRules | undefined, status: number, body: string, headers = {}) {
  return replyReader(rules)({ status, headers, body }, now);
}

describe('a reply', () => {
  it('without rules means what its status says, whatever its body is', () => {
    expect(outcome(undefined, 200, '{"errcode":310000}')).toEqual({ status: 'delivered' });
    expect(outcome(undefined, 500, 'ok')).toMatchObject({ status: 'retry', code: 'http_500' });
  });

  it.each([
    ['{"errcode":0,"errmsg":"ok"}', { status: 'delivered' }],
    ['{"errcode":"0"}', { status: 'delivered' }],
    ['{"errcode":130101}', { status: 'retry', code: 'throttled', afterMs: 120_000 }],
    ['{"errcode":45009}', { status: 'retry', code: 'throttled', afterMs: 120_000 }],
    ['{"errcode":310000}', { status: 'rejected', scope: 'destination', code: 'refused' }],
    // Unknown means failed.
    ['{"errcode":7}', { status: 'retry', code: 'not_accepted' }],
    ['{"errcode":null}', { status: 'retry', code: 'not_accepted' }],
    ['{"errcode":{"a":0}}', { status: 'retry', code: 'not_accepted' }],
    ['{}', { status: 'retry', code: 'not_accepted' }],
    ['[0]', { status: 'retry', code: 'not_accepted' }],
    ['<html>login</html>', { status: 'retry', code: 'not_accepted' }],
    ['', { status: 'retry', code: 'not_accepted' }],
  ])('is read by a field: %s', (body, expected) => {
    expect(outcome(robot, 200, body)).toMatchObject(expected);
  });

  it('is read by a field inside another, and never by what every object has', () => {
    const nested: ReplyRules = { field: 'result.ok', success: true };

    expect(outcome(nested, 200, '{"result":{"ok":true}}')).toEqual({ status: 'delivered' });
    expect(outcome(nested, 200, '{"result":{"ok":false}}')).toMatchObject({ code: 'not_accepted' });
    expect(outcome(nested, 200, '{"ok":true}')).toMatchObject({ code: 'not_accepted' });
    expect(outcome({ field: 'constructor.name', success: '*' }, 200, '{}')).toMatchObject({ code: 'not_accepted' });
  });

  it('is read as a whole where no field is named, blanks around it aside', () => {
    const slack: ReplyRules = { success: 'ok', throttled: '/rate_?limited/' };

    expect(outcome(slack, 200, 'ok\n')).toEqual({ status: 'delivered' });
    expect(outcome(slack, 200, 'not ok')).toMatchObject({ status: 'retry', code: 'not_accepted' });
    expect(outcome(slack, 200, 'rate_limited')).toMatchObject({ status: 'retry', code: 'throttled' });
  });

  it('is no success where the status is none, and tells more than a status where it says more', () => {
    expect(outcome(robot, 500, '{"errcode":0}')).toMatchObject({ status: 'retry', code: 'http_500' });
    expect(outcome(robot, 404, 'not here')).toMatchObject({ status: 'rejected', code: 'http_404' });
    expect(outcome(robot, 400, '{"errcode":130101}')).toMatchObject({ status: 'retry', code: 'throttled' });
    expect(outcome(robot, 503, '{"errcode":310000}')).toMatchObject({ status: 'rejected', code: 'refused' });
  });

  it('may ask for a longer pause', () => {
    const headers = { 'retry-after': '600' };

    expect(outcome(robot, 200, '{"errcode":130101}', headers)).toMatchObject({ afterMs: 600_000 });
    expect(outcome(robot, 200, '{"errcode":130101}', { 'retry-after': '5' })).toMatchObject({ afterMs: 120_000 });
  });
});

describe('the option reply', () => {
  const problems = (reply: unknown) => {
    const parsed = parseSettings(config, JSON.stringify({ url: 'https://example.com/', reply }));
    return 'problems' in parsed ? parsed.problems.map(({ field }) => field) : [];
  };

  it.each([
    [{}, 'reply.success'],
    [{ success: [] }, 'reply.success'],
    [{ success: '/(/' }, 'reply.success'],
    [{ success: 0, rejected: ['/a/g'] }, 'reply.rejected'],
    [{ success: 0, field: '' }, 'reply.field'],
    [{ success: 0, failure: 1 }, 'reply.failure'],
  ])('%j is refused, naming %s', (reply, field) => {
    expect(problems(reply)).toEqual([expect.stringContaining(field)]);
  });

  it.each([{ success: 0 }, { success: ['ok', 1, true], field: 'a.b' }, { success: '*', throttled: '/429/i' }])(
    '%j is accepted',
    (reply) => expect(problems(reply)).toEqual([]),
  );
});

describe('a robot that answers HTTP 200 to everything, with the reply that an import sets', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  async function deliverTo(url: string, address: string, body: unknown) {
    const { reply } = replyFor(address, '', createReport());
    const destination = await openDestination('webhook', { options: { body, reply }, secrets: { url } });
    opened.push(destination);
    return (fields: KubeEvent = {}) => destination.deliver([sampleEvent(fields)]);
  }

  it('DingTalk: throttled and refused events are not counted as delivered', async () => {
    const address = 'https://oapi.dingtalk.com/robot/send';
    const body = { msgtype: 'text', text: { content: 'alert: ${ event.message }' } };
    const robots = [
      await startDingTalk({ accessToken: 't', keywords: ['alert'], perMinute: 1 }),
      await startDingTalk({ accessToken: 't', keywords: ['other'] }),
      await startDingTalk({ accessToken: 'u' }),
    ];
    const [throttled, keyword, token] = await Promise.all(
      robots.map(({ url }) => deliverTo(`${url}/robot/send?access_token=t`, address, body)),
    );

    expect(await throttled?.()).toEqual([{ status: 'delivered' }]);
    expect(await throttled?.()).toMatchObject([{ status: 'retry', code: 'throttled', afterMs: 120_000 }]);
    expect(await keyword?.()).toMatchObject([{ status: 'rejected', code: 'refused' }]);
    expect(await token?.()).toMatchObject([{ status: 'rejected', code: 'refused' }]);
    for (const each of robots) await each.stop();
  });

  it('WeCom: likewise', async () => {
    const fake = await startWeCom({ robotKey: 'k' });
    const address = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send';
    const body = { msgtype: 'text', text: { content: '${ event.message }' } };
    const deliver = await deliverTo(`${fake.url}/cgi-bin/webhook/send?key=k`, address, body);
    const wrongKey = await deliverTo(`${fake.url}/cgi-bin/webhook/send?key=other`, address, body);

    for (let times = 0; times < 20; times += 1) expect(await deliver()).toEqual([{ status: 'delivered' }]);
    expect(await deliver()).toMatchObject([{ status: 'retry', code: 'throttled' }]);
    expect(await wrongKey()).toMatchObject([{ status: 'rejected', code: 'refused' }]);
    await fake.stop();
  });
});
