import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { MAX_UNITS, type TelegramMessage } from './message.ts';

const options = { chatId: '-1001234567890' };
const secrets = { botToken: '123456789:AAE-4f1d9e0c7b6a' };
const request = { method: 'POST', url: 'https://api.telegram.org/bot123456789:AAE-4f1d9e0c7b6a/sendMessage' };

export const messages: SinkMessages<TelegramMessage> = {
  title: 'Messages on Telegram',
  variants: [
    { name: 'English', options },
    { name: '中文', options: { ...options, language: 'zh', timeZone: 'Asia/Shanghai' } },
  ],
  texts: ({ text }) => [
    {
      text,
      limit: { max: MAX_UNITS, unit: 'utf16' },
      pairs: [
        ['<b>', '</b>'],
        ['<i>', '</i>'],
        ['<code>', '</code>'],
        ['<blockquote>', '</blockquote>'],
      ],
    },
  ],
};

const body = {
  chat_id: '-1001234567890',
  text: [
    '<b>🟠 [prod] BackOff · Pod payments/api-7d9f</b>',
    '<blockquote>Back-off restarting failed container api</blockquote>',
    '<b>Container</b>: api',
    '<b>When</b>: 2026-11-23 07:59:30 UTC',
    '<b>Source</b>: kubelet on node-1',
    '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
    '<code>kubectl -n payments describe pod/api-7d9f</code>',
    '<code>kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50</code>',
    '<i>Event 5a0c6d1e/184467</i>',
  ].join('\n'),
  parse_mode: 'HTML',
  link_preview_options: { is_disabled: true },
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { ...request, headers: { 'content-type': 'application/json' }, body },
        reply: { status: 200, body: { ok: true, result: { message_id: 7 } } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'writes into a topic, with links as buttons, and mentions members where it is critical',
    options: {
      ...options,
      topicId: 42,
      mentions: ['alice_example'],
      links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' },
    },
    secrets,
    events: [{ reason: 'Evicted', message: 'The node was low on resource: memory.' }],
    exchanges: [
      {
        request: {
          ...request,
          body: {
            ...body,
            message_thread_id: 42,
            text: [
              '<b>🔴 [prod] Evicted · Pod payments/api-7d9f</b>',
              '<blockquote>The node was low on resource: memory.</blockquote>',
              '<b>Container</b>: api',
              '<b>When</b>: 2026-11-23 07:59:30 UTC',
              '<b>Source</b>: kubelet on node-1',
              '💡 The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
              '<code>kubectl -n payments describe pod/api-7d9f</code>',
              '<i>Event 5a0c6d1e/184467</i>',
              '@alice_example',
            ].join('\n'),
            reply_markup: {
              inline_keyboard: [[{ text: 'Logs', url: 'https://logs.example.com/?pod=api-7d9f' }]],
            },
          },
        },
        reply: { status: 200, body: { ok: true, result: { message_id: 8 } } },
      },
    ],
    outcomes: [delivered],
  },
  refusal(
    'waits as long as the chat asks for',
    429,
    'Too Many Requests: retry after 17',
    { retry_after: 17 },
    {
      status: 'retry',
      code: 'throttled',
      detail: '429 Too Many Requests: retry after 17',
      afterMs: 17_000,
    },
  ),
  refusal(
    'names the new number of a group that became a supergroup',
    400,
    'Bad Request: group chat was upgraded to a supergroup chat',
    { migrate_to_chat_id: -1009876543210 },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'chat_moved',
      detail: '400 Bad Request: group chat was upgraded to a supergroup chat; its number is now -1009876543210',
    },
  ),
  wrong('rejects where the token is revoked', 401, 'Unauthorized', 'token_invalid'),
  wrong('rejects where the token is unknown', 404, 'Not Found', 'token_invalid'),
  wrong('rejects where the server is for other tokens', 421, 'Misdirected Request', 'token_invalid'),
  wrong('rejects where the bot was removed', 403, 'Forbidden: bot was kicked from the supergroup chat', 'bot_removed'),
  wrong('rejects where a member has blocked the bot', 403, 'Forbidden: bot was blocked by the user', 'bot_removed'),
  wrong('rejects where there is no such chat', 400, 'Bad Request: chat not found', 'chat_invalid'),
  wrong('rejects where there is no such topic', 400, 'Bad Request: message thread not found', 'chat_invalid'),
  wrong(
    'rejects where the bot may not write',
    400,
    'Bad Request: not enough rights to send text messages to the chat',
    'chat_invalid',
  ),
  refusal(
    'rejects an event whose message is refused alone',
    400,
    "Bad Request: can't parse entities: unsupported start tag",
    {},
    {
      status: 'rejected',
      scope: 'event',
      code: 'message_refused',
      detail: "400 Bad Request: can't parse entities: unsupported start tag",
    },
  ),
  refusal(
    'retries when Telegram fails',
    500,
    'Internal Server Error: restart',
    {},
    {
      status: 'retry',
      code: 'unknown_error',
      detail: '500 Internal Server Error: restart',
    },
  ),
  {
    name: 'retries where something else answers',
    options,
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 200, body: 'welcome' } }],
    outcomes: [{ status: 'retry', code: 'unknown_error', detail: 'the reply is not that of the Bot API' }],
  },
];

function wrong(name: string, status: number, description: string, code: string): SinkCase {
  return refusal(
    name,
    status,
    description,
    {},
    {
      status: 'rejected',
      scope: 'destination',
      code,
      detail: `${status} ${description}`,
    },
  );
}

function refusal(name: string, status: number, description: string, parameters: object, outcome: Fate): SinkCase {
  const reply = { status, body: { ok: false, error_code: status, description, parameters } };
  return { name, options, secrets, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
