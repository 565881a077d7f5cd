import { describe, expect, test } from 'vitest';
import { replyReader, type ReplyRules } from '../../../../functions/sinks/webhook/reply.ts';
import { createReport } from '../../../../infra/ops/import/report.ts';
import { replyFor } from '../../../../infra/ops/import/robots.ts';

const addresses = {
  dingtalk: 'https://oapi.dingtalk.com/robot/send',
  wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send',
  feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/0c1f',
  lark: 'https://open.larksuite.com/open-apis/bot/v2/hook/0c1f',
  feishuV1: 'https://open.feishu.cn/open-apis/bot/hook/0c1f',
  slack: 'https://hooks.slack.com/services/T0/B0/X',
  teams: 'https://example.webhook.office.com/webhookb2/0c1f/IncomingWebhook/1/2',
  oldTeams: 'https://outlook.office.com/webhook/0c1f/IncomingWebhook/1/2',
  telegram: 'https://api.telegram.org/bot1:x/sendMessage',
};

function outcome(address: string, body: string): string {
  const { reply } = replyFor(address, 'here', createReport());
  const { field, success = '*', throttled, rejected }: Partial<ReplyRules> = { ...reply };
  const rules = reply && { field, success, throttled, rejected };
  const { status, ...rest } = replyReader(rules)({ status: 200, headers: {}, body }, new Date());
  return 'code' in rest ? `${status} ${rest.code}` : status;
}

describe('what known robots answer with HTTP 200', () => {
  test.each([
    ['dingtalk', '{"errcode":0,"errmsg":"ok"}', 'delivered'],
    ['dingtalk', '{"errcode":130101,"errmsg":"send too fast"}', 'retry throttled'],
    ['dingtalk', '{"errcode":310000,"errmsg":"keywords not in content"}', 'rejected refused'],
    ['dingtalk', '{"errcode":-1,"errmsg":"系统繁忙"}', 'retry not_accepted'],
    ['wecom', '{"errcode":0,"errmsg":"ok"}', 'delivered'],
    ['wecom', '{"errcode":45009,"errmsg":"api freq out of limit"}', 'retry throttled'],
    ['wecom', '{"errcode":93000,"errmsg":"invalid webhook url"}', 'rejected refused'],
    ['feishu', '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}', 'delivered'],
    ['feishu', '{"code":9499,"msg":"Bad Request","data":{}}', 'rejected refused'],
    ['lark', '{"code":19024,"msg":"Key Words Not Found"}', 'rejected refused'],
    ['lark', '{"code":11232,"msg":"frequency limited psm"}', 'retry throttled'],
    ['feishuV1', '{"ok":true}', 'delivered'],
    ['feishuV1', '{"ok":false,"error":"no"}', 'retry not_accepted'],
    ['slack', 'ok', 'delivered'],
    ['slack', 'no_text', 'retry not_accepted'],
    ['teams', '1', 'delivered'],
    [
      'teams',
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0',
      'retry throttled',
    ],
    [
      'oldTeams',
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413',
      'rejected refused',
    ],
    ['oldTeams', 'Error contacting Microsoft Teams endpoint', 'retry not_accepted'],
    ['telegram', '{"ok":true,"result":{}}', 'delivered'],
    ['telegram', '{"ok":false}', 'retry not_accepted'],
  ] as const)('%s: %s is %s', (name, body, expected) => {
    expect(outcome(addresses[name], body)).toBe(expected);
  });

  test('is left to its status where an address is another', () => {
    for (const address of [
      'https://hooks.example.com/robot/send',
      'https://evil.example/https://oapi.dingtalk.com/robot/send',
      'https://oapi.dingtalk.com/gettoken',
      'https://hooks.slack.com/workflows/T0/A0/1/X',
      'https://prod-1.westeurope.logic.azure.com/workflows/0c1f',
    ]) {
      expect(outcome(address, '{"errcode":310000}')).toBe('delivered');
    }
  });

  test('is said in the report, with the sink that knows more of the service', () => {
    const report = createReport();
    replyFor(addresses.wecom, '--sink=webhook', report);
    replyFor(addresses.feishuV1, 'receiver a', report);
    replyFor('https://hooks.example.com/', 'receiver b', report);

    expect(report.notes).toMatchObject([
      {
        kind: 'changed',
        place: '--sink=webhook',
        message: expect.stringMatching(/is that of WeCom,.*the sink wechat knows/),
      },
      { kind: 'changed', place: 'receiver a', message: expect.not.stringContaining('the sink') },
      { kind: 'note', place: 'receiver a', message: expect.stringContaining('version 2') },
    ]);
  });
});
