import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered } from '../../core/contract/outcome.ts';
import type { DingTalkMessage } from './message.ts';

const secrets = { accessToken: '4f1d9e0c7b6a', signSecret: 'SECexample' };
const signedUrl =
  'https://oapi.dingtalk.com/robot/send?access_token=4f1d9e0c7b6a&timestamp=1795420800000&sign=0BCnSamqxvenBeRAunhhzX%2FMXXmBsJEMpMu9A5DEypU%3D';
const unsignedUrl = 'https://oapi.dingtalk.com/robot/send?access_token=4f1d9e0c7b6a';
const headers = { 'content-type': 'application/json; charset=utf-8' };
const ok = { errcode: 0, errmsg: 'ok' };

const shown = {
  timeZone: 'Asia/Shanghai',
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
};

export const messages: SinkMessages<DingTalkMessage> = {
  title: 'Messages on DingTalk',
  variants: [
    { name: 'English', options: { ...shown, language: 'en' } },
    { name: '中文', options: { ...shown, language: 'zh' } },
  ],
  texts(message) {
    // DingTalk takes 20,000 bytes of the whole; its clients cut a text by characters.
    const whole = { text: JSON.stringify(message), limit: { max: 20_000, unit: 'utf8' } } as const;
    const limit = { max: 3000, unit: 'utf16' } as const;
    if (message.msgtype === 'text') return [{ text: message.text.content, limit }, whole];
    const { text } = message.msgtype === 'markdown' ? message.markdown : message.actionCard;
    const pairs = [
      ['**', '**'],
      ['`', '`'],
    ] as const;
    return [{ text, limit, pairs }, whole];
  },
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps',
    options: {
      timeZone: 'Asia/Shanghai',
      links: { Logs: 'https://grafana.example.com/explore?pod=${ event.object.name }' },
    },
    secrets,
    events: [{ count: 7 }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: signedUrl,
          headers,
          body: {
            msgtype: 'markdown',
            markdown: {
              title: '🟠 [prod] BackOff · Pod payments/api-7d9f',
              text: [
                '### 🟠 [prod] BackOff · Pod payments/api-7d9f',
                '> Back-off restarting failed container api',
                [
                  '- **Container**: api',
                  '- **When**: 7 times since 2026-11-23 15:55:00, last at 15:59:30 UTC+8',
                  '- **Source**: kubelet on node-1',
                ].join('  \n'),
                '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
                [
                  '`kubectl -n payments describe pod/api-7d9f`',
                  '`kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50`',
                ].join('  \n'),
                '[Logs](https://grafana.example.com/explore?pod=api-7d9f)',
                'Event 5a0c6d1e/184467',
              ].join('\n\n'),
            },
          },
        },
        reply: { status: 200, body: ok },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends several events as one digest, in Chinese',
    options: { language: 'zh', timeZone: 'Asia/Shanghai' },
    secrets,
    events: [
      {},
      {
        metadata: { uid: '7c1f4a92-3a4e-4d64-9d0a-0a4f6a1f6b10', resourceVersion: '184470' },
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
          method: 'POST',
          url: signedUrl,
          headers,
          body: {
            msgtype: 'markdown',
            markdown: {
              title: '🔴 [prod] 2 条事件',
              text: [
                '### 🔴 [prod] 2 条事件',
                'NodeNotReady ×1、BackOff ×1',
                '**🔴 NodeNotReady · Node node-1**',
                '> Node node-1 status is now: NodeNotReady',
                '- **时间**：2026-11-23 15:59:30（UTC+8）  \n- **来源**：node-controller',
                '💡 节点异常或失联。若不能恢复，约五分钟后其上的 Pod 会被驱逐，到其他节点重建。请检查 kubelet、主机和网络。',
                '`kubectl describe node/node-1`',
                [
                  '2026-11-23 15:59:30（UTC+8）',
                  '**🟠 15:59:30 BackOff · Pod payments/api-7d9f** · Back-off restarting failed container api',
                ].join('  \n'),
                '- **查看全部**：`kubectl events --all-namespaces`',
                '汇总 09349775',
              ].join('\n\n'),
            },
          },
        },
        reply: { status: 200, body: ok },
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'mentions people in critical messages, adds the keyword, and signs only with a secret',
    options: { msgType: 'text', keywords: ['alert'], atMobiles: ['13800000000'] },
    secrets: { accessToken: '4f1d9e0c7b6a' },
    events: [{ reason: 'Evicted', message: 'The node was low on resource: memory.', involvedObject: podReference() }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: unsignedUrl,
          headers,
          body: {
            msgtype: 'text',
            text: {
              content: [
                '🔴 [prod] Evicted · Pod payments/api-7d9f',
                'The node was low on resource: memory.',
                'When: 2026-11-23 07:59:30 UTC',
                'Source: kubelet on node-1',
                '💡 The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
                '$ kubectl -n payments describe pod/api-7d9f',
                'Event 5a0c6d1e/184467',
                '@13800000000',
                'alert',
              ].join('\n'),
            },
            at: { atMobiles: ['13800000000'], atUserIds: [], isAtAll: false },
          },
        },
        reply: { status: 200, body: ok },
      },
    ],
    outcomes: [delivered],
  },
  refusal(
    'rejects where the access token is wrong',
    { errcode: 300001, errmsg: 'token is not exist' },
    { status: 'rejected', scope: 'destination', code: 'token_invalid' },
  ),
  refusal(
    'rejects where the signature does not match',
    { errcode: 310000, errmsg: 'sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]' },
    { status: 'rejected', scope: 'destination', code: 'sign_mismatch' },
  ),
  refusal(
    'retries where the signature came too late, by the clock',
    { errcode: 310000, errmsg: '机器人发送签名过期;solution:签名生成时间和发送时间请保持在timestampms以内' },
    { status: 'retry', code: 'timestamp_invalid' },
  ),
  refusal(
    'rejects where a keyword is missing',
    {
      errcode: 310000,
      errmsg: 'keywords not in content, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]',
    },
    { status: 'rejected', scope: 'destination', code: 'keyword_missing' },
  ),
  refusal(
    'waits two minutes when the robot is throttled',
    {
      status: 1111,
      wait: 5,
      source: 'x5',
      punish: 'deny',
      errcode: 130101,
      errmsg: 'send too fast, exceed 20 times per minute',
    },
    { status: 'retry', code: 'throttled', afterMs: 120_000 },
  ),
  refusal(
    'retries when DingTalk is busy',
    { errcode: -1, errmsg: '系统繁忙' },
    { status: 'retry', code: 'system_busy' },
  ),
  refusal(
    'retries an errcode it does not know',
    { errcode: 987654, errmsg: 'something new' },
    { status: 'retry', code: 'unknown_errcode' },
  ),
  {
    name: 'retries on a server error',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url: signedUrl }, reply: { status: 502, body: 'Bad Gateway' } }],
    outcomes: [{ status: 'retry', code: 'http_502', detail: 'HTTP 502: Bad Gateway' }],
  },
];

type Refusal =
  | { readonly status: 'retry'; readonly code: string; readonly afterMs?: number }
  | { readonly status: 'rejected'; readonly scope: 'destination'; readonly code: string };

/** DingTalk answers HTTP 200 to everything. */
function refusal(
  name: string,
  body: { readonly errcode: number; readonly errmsg: string; readonly [field: string]: unknown },
  outcome: Refusal,
): SinkCase {
  return {
    name,
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url: signedUrl }, reply: { status: 200, body } }],
    outcomes: [{ ...outcome, detail: `errcode ${body.errcode}: ${body.errmsg}` }],
  };
}

function podReference(): { readonly apiVersion: string; readonly kind: string; namespace: string; name: string } {
  return { apiVersion: 'v1', kind: 'Pod', namespace: 'payments', name: 'api-7d9f' };
}
