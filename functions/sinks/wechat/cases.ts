import type { Exchange, SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import type { WeComMessage } from './message.ts';

const app = { corpId: 'ww1a2b3c', agentId: 1_000_002, toUser: ['zhangsan', 'lisi'] };
const appSecrets = { corpSecret: 'b7c9-app-secret' };
const robotSecrets = { robotKey: '693a91f6-robot-key' };
/** What a message of the application has beside its content. */
const addressed = {
  touser: 'zhangsan|lisi',
  agentid: 1_000_002,
  safe: 0,
  enable_duplicate_check: 1,
  duplicate_check_interval: 3600,
};
const headers = { 'content-type': 'application/json; charset=utf-8' };
const ok = { errcode: 0, errmsg: 'ok' };
const sent = { ...ok, invaliduser: '', msgid: 'MSGID' };

const api = 'https://qyapi.weixin.qq.com/cgi-bin';
const robotUrl = `${api}/webhook/send?key=693a91f6-robot-key`;

function tokenExchange(token: string): Exchange {
  return {
    request: { method: 'GET', url: `${api}/gettoken?corpid=ww1a2b3c&corpsecret=b7c9-app-secret` },
    reply: { status: 200, body: { ...ok, access_token: token, expires_in: 7200 } },
  };
}

function sendExchange(token: string, reply: object, body?: unknown): Exchange {
  return {
    request: {
      method: 'POST',
      url: `${api}/message/send?access_token=${token}`,
      headers,
      ...(body !== undefined && { body }),
    },
    reply: { status: 200, body: reply },
  };
}

const text = [
  '🟠 [prod] BackOff · Pod payments/api-7d9f',
  'Back-off restarting failed container api',
  '容器：api',
  '时间：自 2026-11-23 15:55:00 起共 7 次，最近一次 15:59:30（UTC+8）',
  '来源：kubelet（node-1）',
  '💡 容器反复退出，重启间隔会逐渐延长到五分钟。原因通常在上一次运行的最后几行日志里。',
  '$ kubectl -n payments describe pod/api-7d9f',
  '$ kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
  '事件 5a0c6d1e/184467',
].join('\n');

const digest = [
  '**<font color="warning">🔴 [prod] 2 events</font>**',
  'Evicted ×1, Pulled ×1',
  [
    '**🔴 Evicted · Pod payments/api-7d9f**',
    '> The node was low on resource: memory.\n',
    '<font color="comment">When: </font>2026-11-23 07:59:30 UTC',
    '<font color="comment">Source: </font>kubelet on node-1',
    '💡 The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
    '`kubectl -n payments describe pod/api-7d9f`',
  ].join('\n'),
  [
    '2026-11-23 07:59:30 UTC',
    '**🔵 07:59:30 Pulled · Pod payments/api-7d9f** · Successfully pulled image "shop/api:1.4" in 2.1s',
  ].join('\n'),
  '<font color="comment">All of them: </font>`kubectl events --all-namespaces`',
  '<font color="comment">Digest 09349775</font>\n<@zhangsan>',
].join('\n\n');

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'payments', name: 'api-7d9f' };

const shown = {
  timeZone: 'Asia/Shanghai',
  links: { Grafana: 'https://grafana.example.com/d/events?pod=${ event.object.name }' },
};

export const messages: SinkMessages<WeComMessage> = {
  title: 'Messages on WeCom',
  variants: [
    { name: 'Robot, English', options: { ...shown, mode: 'robot', language: 'en' } },
    { name: '群机器人，中文', options: { ...shown, mode: 'robot', language: 'zh' } },
    { name: '应用消息（文本），中文', options: { ...shown, ...app, language: 'zh' } },
  ],
  texts(message) {
    if (message.msgtype === 'text') return [{ text: message.text.content, limit: { max: 2048, unit: 'utf8' } }];
    const pairs = [
      ['**', '**'],
      ['`', '`'],
      ['<font color="', '</font>'],
    ] as const;
    const max = 'touser' in message ? 2048 : 4096;
    return [{ text: message.markdown.content, limit: { max, unit: 'utf8' }, pairs }];
  },
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event to members of an application',
    options: { ...app, language: 'zh', timeZone: 'Asia/Shanghai' },
    secrets: appSecrets,
    events: [{ count: 7 }],
    exchanges: [
      tokenExchange('token-1'),
      sendExchange('token-1', sent, {
        ...addressed,
        msgtype: 'text',
        text: { content: text },
      }),
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends several events as one digest to a group, and mentions people where it is critical',
    options: { mode: 'robot', mentionUsers: ['zhangsan'] },
    secrets: robotSecrets,
    events: [
      { involvedObject: pod, reason: 'Evicted', message: 'The node was low on resource: memory.' },
      {
        metadata: { uid: '7c1f4a92-3a4e-4d64-9d0a-0a4f6a1f6b10', resourceVersion: '184470' },
        involvedObject: pod,
        type: 'Normal',
        reason: 'Pulled',
        message: 'Successfully pulled image "shop/api:1.4" in 2.1s',
      },
    ],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: robotUrl,
          headers,
          body: { msgtype: 'markdown', markdown: { content: digest } },
        },
        reply: { status: 200, body: ok },
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'sends markdown to members, who read it in WeCom alone',
    options: { ...app, msgType: 'markdown' },
    secrets: appSecrets,
    events: [{ involvedObject: pod, reason: 'Pulled', message: '' }],
    exchanges: [
      tokenExchange('token-1'),
      sendExchange('token-1', sent, {
        ...addressed,
        msgtype: 'markdown',
        markdown: {
          content: [
            '**<font color="warning">🟠 [prod] Pulled · Pod payments/api-7d9f</font>**',
            '<font color="comment">When: </font>2026-11-23 07:59:30 UTC',
            '<font color="comment">Source: </font>kubelet on node-1',
            '`kubectl -n payments describe pod/api-7d9f`',
            '<font color="comment">Event 5a0c6d1e/184467</font>',
          ].join('\n'),
        },
      }),
    ],
    outcomes: [delivered],
  },
  {
    name: 'replaces an access token that was ended before its time, once',
    options: app,
    secrets: appSecrets,
    events: [{}],
    exchanges: [
      tokenExchange('token-1'),
      sendExchange('token-1', { errcode: 42001, errmsg: 'access_token expired' }),
      tokenExchange('token-2'),
      sendExchange('token-2', sent),
    ],
    outcomes: [delivered],
  },
  {
    name: 'retries where a new access token is refused too',
    options: app,
    secrets: appSecrets,
    events: [{}],
    exchanges: [
      tokenExchange('token-1'),
      sendExchange('token-1', { errcode: 40014, errmsg: 'invalid access_token' }),
      tokenExchange('token-2'),
      sendExchange('token-2', { errcode: 40014, errmsg: 'invalid access_token' }),
    ],
    outcomes: [{ status: 'retry', code: 'token_refused', detail: 'errcode 40014: invalid access_token' }],
  },
  {
    name: 'rejects where the secret of the application is wrong',
    options: app,
    secrets: appSecrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'GET', url: `${api}/gettoken?corpid=ww1a2b3c&corpsecret=b7c9-app-secret` },
        reply: { status: 200, body: { errcode: 40001, errmsg: 'invalid credential' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'secret_invalid',
        detail: 'errcode 40001: invalid credential',
      },
    ],
  },
  {
    name: 'warns about receivers who do not exist',
    options: app,
    secrets: appSecrets,
    events: [{}],
    exchanges: [tokenExchange('token-1'), sendExchange('token-1', { ...sent, invaliduser: 'lisi' })],
    outcomes: [
      {
        status: 'delivered',
        warning: 'not delivered to lisi: unknown, or the application is not visible to them',
      },
    ],
  },
  appCase(
    'rejects where no receiver exists',
    { errcode: 81013, errmsg: 'user & party & tag all invalid', invaliduser: 'zhangsan|lisi' },
    'receivers_invalid',
  ),
  appCase(
    'rejects where the address of the sender is not trusted',
    { errcode: 60020, errmsg: 'not allow to access from your ip' },
    'ip_not_allowed',
  ),
  robotCase(
    'waits a minute when the robot is throttled',
    200,
    { errcode: 45009, errmsg: 'api freq out of limit' },
    {
      status: 'retry',
      code: 'throttled',
      detail: 'errcode 45009: api freq out of limit',
      afterMs: 60_000,
    },
  ),
  robotCase(
    'rejects where the key belongs to no robot',
    200,
    { errcode: 93000, errmsg: 'invalid webhook url' },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'robot_invalid',
      detail: 'errcode 93000: invalid webhook url',
    },
  ),
  robotCase(
    'retries when WeCom is busy',
    200,
    { errcode: -1, errmsg: 'system busy' },
    {
      status: 'retry',
      code: 'system_busy',
      detail: 'errcode -1: system busy',
    },
  ),
  robotCase('retries on a server error', 502, 'Bad Gateway', {
    status: 'retry',
    code: 'http_502',
    detail: 'HTTP 502: Bad Gateway',
  }),
];

function robotCase(name: string, status: number, body: object | string, outcome: Fate): SinkCase {
  return {
    name,
    options: { mode: 'robot' },
    secrets: robotSecrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url: robotUrl }, reply: { status, body } }],
    outcomes: [outcome],
  };
}

function appCase(
  name: string,
  reply: { errcode: number; errmsg: string; invaliduser?: string },
  code: string,
): SinkCase {
  return {
    name,
    options: app,
    secrets: appSecrets,
    events: [{}],
    exchanges: [tokenExchange('token-1'), sendExchange('token-1', reply)],
    outcomes: [{ status: 'rejected', scope: 'destination', code, detail: `errcode ${reply.errcode}: ${reply.errmsg}` }],
  };
}
