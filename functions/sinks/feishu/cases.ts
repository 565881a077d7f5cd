import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';

export { messages } from './shown.ts';

const url = 'https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-example';
const secrets = { webhookUrl: url };
const request = { method: 'POST', url, headers: { 'content-type': 'application/json; charset=utf-8' } };
const ok = { status: 200, body: { code: 0, msg: 'success', data: {}, StatusCode: 0, StatusMessage: 'success' } };

const markdown = (content: string) => ({ tag: 'markdown', content });
const note = (content: string) => ({ tag: 'markdown', content, text_size: 'notation' });
const fence = (command: string) => `\`\`\`bash\n${command}\n\`\`\``;
const card = (title: string, template: string, elements: readonly object[]) => ({
  msg_type: 'interactive',
  card: {
    schema: '2.0',
    config: { update_multi: true },
    header: { title: { tag: 'plain_text', content: title }, template },
    body: { elements },
  },
});

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps, signed',
    options: { links: { Logs: 'https://grafana.example.com/explore?pod=${ event.object.name }' } },
    secrets: { ...secrets, signSecret: 'secret-of-the-example' },
    events: [{ count: 7 }],
    exchanges: [
      {
        request: {
          ...request,
          body: {
            timestamp: '1795420800',
            sign: 'c9igylznvL5aYEGY44snNKRzmk89XOxDdrxyn9rhS/g=',
            ...card('🟠 [prod] BackOff · Pod payments/api-7d9f', 'orange', [
              markdown('> Back-off restarting failed container api\n'),
              markdown(
                '**Container**: api\n**When**: 7 times since 2026-11-23 07:55:00, last at 07:59:30 UTC\n**Source**: kubelet on node-1',
              ),
              markdown(
                '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
              ),
              markdown(
                [
                  fence('kubectl -n payments describe pod/api-7d9f'),
                  fence('kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50'),
                ].join('\n'),
              ),
              {
                tag: 'column_set',
                flex_mode: 'flow',
                columns: [
                  {
                    tag: 'column',
                    width: 'auto',
                    elements: [
                      {
                        tag: 'button',
                        text: { tag: 'plain_text', content: 'Logs' },
                        behaviors: [
                          { type: 'open_url', default_url: 'https://grafana.example.com/explore?pod=api-7d9f' },
                        ],
                      },
                    ],
                  },
                ],
              },
              note('Event 5a0c6d1e/184467'),
            ]),
          },
        },
        reply: ok,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'mentions people in critical messages, and adds the keyword to the title, in Chinese',
    options: { language: 'zh', timeZone: 'Asia/Shanghai', keywords: ['告警'], mentions: ['ou_8a4b0c1d', 'all'] },
    secrets,
    events: [
      {
        involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
        type: 'Normal',
        reason: 'NodeNotReady',
        message: 'Node node-1 status is now: NodeNotReady',
        source: { component: 'node-controller' },
      },
    ],
    exchanges: [
      {
        request: {
          ...request,
          body: card('🔴 [prod] NodeNotReady · Node node-1 告警', 'red', [
            markdown('<at id=ou_8a4b0c1d></at> <at id=all></at>'),
            markdown('> Node node-1 status is now: NodeNotReady\n'),
            markdown('**时间**：2026-11-23 15:59:30（UTC+8）\n**来源**：node-controller'),
            markdown(
              '💡 节点异常或失联。若不能恢复，约五分钟后其上的 Pod 会被驱逐，到其他节点重建。请检查 kubelet、主机和网络。',
            ),
            markdown(fence('kubectl describe node/node-1')),
            note('事件 5a0c6d1e/184467'),
          ]),
        },
        reply: ok,
      },
    ],
    outcomes: [delivered],
  },
  rejects(
    'where the signature does not match',
    19021,
    'sign match fail or timestamp is not within one hour',
    'sign_mismatch',
  ),
  rejects('where the address is not listed', 19022, 'Ip Not Allowed', 'ip_not_allowed'),
  rejects('where a keyword is missing', 19024, 'Key Words Not Found', 'keyword_missing'),
  rejects(
    'where the webhook is unknown',
    19001,
    'param invalid: incoming webhook access token invalid',
    'webhook_unknown',
  ),
  rejects('where the bot is disabled', 19007, 'app status invalid', 'bot_disabled'),
  rejects('an event whose request is refused', 9499, 'Bad Request', 'request_invalid', 'event'),
  rejects('an event whose parameters are refused', 19002, 'params error', 'request_invalid', 'event'),
  rejects(
    'an event whose card is refused',
    11246,
    'Failed to create card content, ErrCode: 11310',
    'card_refused',
    'event',
  ),
  answers(
    'waits a minute when the bot is throttled',
    { status: 200, body: { code: 11232, msg: 'frequency limited psm' } },
    { status: 'retry', code: 'throttled', detail: 'code 11232: frequency limited psm', afterMs: 60_000 },
  ),
  answers(
    'waits as long as the gateway says',
    {
      status: 400,
      headers: { 'x-ogw-ratelimit-reset': '27' },
      body: { code: 99991400, msg: 'request trigger frequency limit' },
    },
    { status: 'retry', code: 'throttled', detail: 'code 99991400: request trigger frequency limit', afterMs: 27_000 },
  ),
  answers(
    'takes the success of an older version for one',
    { status: 200, body: { Extra: null, StatusCode: 0, StatusMessage: 'success' } },
    delivered,
  ),
  answers(
    'retries a code it does not know',
    { status: 200, body: { code: 987654, msg: 'something new' } },
    { status: 'retry', code: 'unknown_code', detail: 'code 987654: something new' },
  ),
  answers(
    'retries a reply that says nothing',
    { status: 200, body: 'welcome' },
    { status: 'retry', code: 'unreadable_reply', detail: 'the reply is not JSON with a code: welcome' },
  ),
  answers(
    'retries on a server error',
    { status: 502, body: 'Bad Gateway' },
    { status: 'retry', code: 'http_502', detail: 'HTTP 502: Bad Gateway' },
  ),
];

function rejects(
  what: string,
  code: number,
  msg: string,
  as: string,
  scope: 'event' | 'destination' = 'destination',
): SinkCase {
  return answers(
    `rejects ${what}`,
    { status: 200, body: { code, msg, data: {} } },
    { status: 'rejected', scope, code: as, detail: `code ${code}: ${msg}` },
  );
}

function answers(
  name: string,
  reply: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown },
  outcome: Fate,
): SinkCase {
  return { name, options: {}, secrets, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
