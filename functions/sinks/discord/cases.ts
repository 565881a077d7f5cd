import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { LIMITS, type DiscordMessage, type Embed } from './message.ts';

const webhookUrl = 'https://discord.com/api/webhooks/1234567890123456789/AbCd-4f1d9e0c7b6a';
const secrets = { webhookUrl };
/** As it is called: the version decides how its answers are meant. */
const calledUrl = webhookUrl.replace('/api/', '/api/v10/');
const request = { method: 'POST', url: `${calledUrl}?wait=true` };

const UNKNOWN_CHANNEL = 10_003;

/** An embed as people see it. */
function textOf({ title, description = '', fields = [], footer }: Embed): string {
  const facts = fields.map(({ name, value }) => `${name}: ${value}`);
  return [title, description, ...facts, footer?.text ?? ''].filter(Boolean).join('\n');
}

const pairs = [['**', '**']] as const;

export const messages: SinkMessages<DiscordMessage> = {
  title: 'Messages on Discord',
  variants: [
    { name: 'English', options: { language: 'en' } },
    { name: '中文', options: { language: 'zh', timeZone: 'Asia/Shanghai' } },
  ],
  texts: ({ embeds: [embed] }) => [
    { text: textOf(embed), pairs },
    { text: embed.title, limit: { max: LIMITS.title, unit: 'utf16' } },
    { text: embed.description ?? '', limit: { max: LIMITS.description, unit: 'utf16' }, pairs },
  ],
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event with all that helps',
    options: {},
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json' },
          body: {
            allowed_mentions: { parse: [] },
            embeds: [
              {
                title: '🟠 [prod] BackOff · Pod payments/api-7d9f',
                color: 0xf29900,
                description: [
                  '> Back-off restarting failed container api',
                  '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
                  '```sh\nkubectl -n payments describe pod/api-7d9f\n```',
                  '```sh\nkubectl -n payments logs pod/api-7d9f -c api --previous --tail=50\n```',
                ].join('\n'),
                fields: [
                  { name: 'Container', value: 'api', inline: true },
                  { name: 'When', value: '2026-11-23 07:59:30 UTC', inline: true },
                  { name: 'Source', value: 'kubelet on node-1', inline: true },
                ],
                footer: { text: 'Event 5a0c6d1e/184467' },
              },
            ],
          },
        },
        reply: { status: 200, body: { id: '1300000000000000000' } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'writes into a thread',
    options: { threadId: '1234567890123456700' },
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url: `${calledUrl}?wait=true&thread_id=1234567890123456700` },
        reply: { status: 200, body: { id: '1300000000000000001' } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'waits for as long as the webhook asks for, to the millisecond',
    options: {},
    secrets,
    events: [{}],
    exchanges: [
      {
        request,
        reply: {
          status: 429,
          headers: { 'retry-after': '1' },
          body: { message: 'You are being rate limited.', retry_after: 0.336, global: false },
        },
      },
    ],
    outcomes: [
      { status: 'retry', code: 'throttled', detail: 'HTTP 429 code 0: You are being rate limited.', afterMs: 336 },
    ],
  },
  {
    name: 'waits ten minutes where Cloudflare refuses the address',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 429, body: '<html>error code: 1015</html>' } }],
    outcomes: [
      { status: 'retry', code: 'blocked', detail: 'HTTP 429, without an answer of Discord', afterMs: 600_000 },
    ],
  },
  wrong('rejects where the webhook was deleted', 404, 10_015, 'Unknown Webhook', 'webhook_gone'),
  wrong('rejects where the token is wrong', 401, 50_027, 'Invalid Webhook Token', 'webhook_gone'),
  wrong('rejects where the webhook may not write', 403, 50_013, 'Missing Permissions', 'not_allowed'),
  wrong(
    'rejects where a forum needs a thread',
    400,
    220_001,
    'Webhooks posted to forum channels must have a thread_name or thread_id',
    'thread_invalid',
  ),
  wrong('rejects where the thread is locked', 403, 160_005, 'Thread is locked', 'thread_invalid'),
  refusal('rejects an event whose message is refused alone', 400, 50_035, 'Invalid Form Body', {
    status: 'rejected',
    scope: 'event',
    code: 'message_refused',
    detail: 'HTTP 400 code 50035: Invalid Form Body',
  }),
  refusal('retries when Discord has no room', 503, 130_000, 'API resource is currently overloaded', {
    status: 'retry',
    code: 'service_failed',
    detail: 'HTTP 503 code 130000: API resource is currently overloaded',
  }),
  refusal('rejects an event with a link that Discord blocks', 400, 240_000, 'Message blocked by harmful links filter', {
    status: 'rejected',
    scope: 'event',
    code: 'message_refused',
    detail: 'HTTP 400 code 240000: Message blocked by harmful links filter',
  }),
  wrong(
    'rejects where the channel takes no messages of webhooks',
    400,
    50_024,
    'Cannot execute action on this channel type',
    'not_allowed',
  ),
  wrong(
    'rejects where the channel is a forum',
    400,
    40_058,
    'Cannot send a message in a forum channel',
    'thread_invalid',
  ),
  wrong('rejects where the channel is gone', 404, UNKNOWN_CHANNEL, 'Unknown Channel', 'webhook_gone'),
  {
    name: 'tells a thread that is not there from a channel that is gone',
    options: { threadId: '1234567890123456700' },
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url: `${calledUrl}?wait=true&thread_id=1234567890123456700` },
        reply: { status: 404, body: { code: UNKNOWN_CHANNEL, message: 'Unknown Channel' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'thread_invalid',
        detail: 'HTTP 404 code 10003: Unknown Channel',
      },
    ],
  },
  {
    name: 'calls the version it knows, whatever the URL names',
    options: {},
    secrets: { webhookUrl: webhookUrl.replace('discord.com/api/', 'canary.discord.com/api/v9/') },
    events: [{}],
    exchanges: [
      {
        request: { ...request, url: request.url.replace('discord.com', 'canary.discord.com') },
        reply: { status: 200, body: { id: '1300000000000000002' } },
      },
    ],
    outcomes: [delivered],
  },
  refusal('retries an error it does not know', 400, 99_999, 'New', {
    status: 'retry',
    code: 'unknown_error',
    detail: 'HTTP 400 code 99999: New',
  }),
  {
    name: 'retries when something in between fails',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 502, body: 'Bad Gateway' } }],
    outcomes: [{ status: 'retry', code: 'http_502', detail: 'HTTP 502: Bad Gateway' }],
  },
];

function wrong(name: string, status: number, code: number, message: string, meaning: string): SinkCase {
  const detail = `HTTP ${status} code ${code}: ${message}`;
  return refusal(name, status, code, message, { status: 'rejected', scope: 'destination', code: meaning, detail });
}

function refusal(name: string, status: number, code: number, message: string, outcome: Fate): SinkCase {
  const exchanges = [{ request, reply: { status, body: { code, message } } }];
  return { name, options: {}, secrets, events: [{}], exchanges, outcomes: [outcome] };
}
