import type { SinkCase } from '../../core/contract/case.ts';
import type { Fate } from '../../core/contract/outcome.ts';

export const secrets = { webhookUrl: 'https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/secret-of-the-webhook' };
export const botSecrets = { botToken: 'xoxb-token-of-the-bot' };
export const mattermost = { webhookUrl: 'https://chat.example.com/hooks/key-of-the-webhook-0' };
export const headers = { 'content-type': 'application/json; charset=utf-8' };
export const webhook = { method: 'POST', url: secrets.webhookUrl, headers };
export const api = {
  method: 'POST',
  url: 'https://slack.com/api/chat.postMessage',
  headers: { ...headers, authorization: 'Bearer xoxb-token-of-the-bot' },
};
export const ok = { ok: true, channel: 'C0123456789', ts: '1503435956.000247' };

/** Cases of the documented failures: a code each. */
export const refusals: readonly SinkCase[] = [
  ofWebhook('rejects where the webhook was removed', 404, 'no_service', rejection('webhook_gone')),
  ofWebhook('rejects where the channel is archived', 410, 'channel_is_archived', rejection('channel_archived')),
  ofWebhook('rejects where a setting keeps it from posting', 403, 'action_prohibited', rejection('posting_denied')),
  ofWebhook('rejects an event whose message is refused alone', 400, 'invalid_blocks', {
    status: 'rejected',
    scope: 'event',
    code: 'message_refused',
  }),
  ofWebhook('retries when Slack fails', 500, 'rollup_error', { status: 'retry', code: 'slack_failed' }),
  {
    name: 'waits as long as Slack says when it is throttled',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request: webhook, reply: { status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' } }],
    outcomes: [{ status: 'retry', code: 'throttled', detail: 'HTTP 429: rate_limited', afterMs: 7000 }],
  },
  ofWebhook('retries a success that does not say so', 200, 'Welcome to the login page', {
    status: 'retry',
    code: 'unreadable_reply',
  }),
  ofBot('rejects where the token is refused', 'invalid_auth', rejection('token_refused')),
  ofBot('rejects where the app lacks a scope', 'missing_scope', rejection('permission_missing')),
  ofBot('rejects where there is no such method', 'unknown_method', rejection('method_unknown')),
  ofBot('rejects where there is no such channel', 'channel_not_found', rejection('channel_unknown')),
  ofBot('rejects where the bot is not in the channel', 'not_in_channel', rejection('not_in_channel')),
  ofBot('rejects an event that is too long alone', 'msg_blocks_too_long', {
    status: 'rejected',
    scope: 'event',
    code: 'message_too_long',
  }),
  ofBot('waits half a minute when throttled without a time', 'ratelimited', {
    status: 'retry',
    code: 'throttled',
    afterMs: 30_000,
  }),
  ofBot('waits while the workspace moves', 'team_added_to_org', {
    status: 'retry',
    code: 'workspace_moving',
    afterMs: 900_000,
  }),
  ofBot('retries an error it does not know', 'brand_new_error', { status: 'retry', code: 'unknown_error' }),
  {
    name: 'rejects where Mattermost has webhooks turned off',
    options: { format: 'attachments' },
    secrets: mattermost,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url: mattermost.webhookUrl },
        reply: {
          status: 501,
          body: {
            id: 'web.incoming_webhook.disabled.app_error',
            message: 'Incoming webhooks have been disabled by the system admin.',
            detailed_error: '',
            request_id: 'x1',
            status_code: 501,
          },
        },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'webhook_disabled',
        detail: 'HTTP 501: web.incoming_webhook.disabled.app_error',
      },
    ],
  },
  {
    name: 'rejects where Rocket.Chat does not know the webhook',
    options: { format: 'attachments' },
    secrets: mattermost,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url: mattermost.webhookUrl },
        reply: { status: 200, body: { success: false, error: 'Invalid integration id or token provided.' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'webhook_gone',
        detail: 'HTTP 200: Invalid integration id or token provided.',
      },
    ],
  },
  {
    name: 'retries on a server error',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request: webhook, reply: { status: 502, body: '<html>Bad Gateway</html>' } }],
    outcomes: [{ status: 'retry', code: 'http_502', detail: 'HTTP 502: <html>Bad Gateway</html>' }],
  },
];

type Refusal =
  | { readonly status: 'retry'; readonly code: string; readonly afterMs?: number }
  | { readonly status: 'rejected'; readonly scope: 'destination' | 'event'; readonly code: string };

function rejection(code: string): Refusal {
  return { status: 'rejected', scope: 'destination', code };
}

function ofWebhook(name: string, status: number, body: string, refusal: Refusal): SinkCase {
  const outcome: Fate = { ...refusal, detail: `HTTP ${status}: ${body}` };
  const exchanges = [{ request: webhook, reply: { status, body } }];
  return { name, options: {}, secrets, events: [{}], exchanges, outcomes: [outcome] };
}

/** The Web API answers HTTP 200 to nearly everything. */
function ofBot(name: string, error: string, refusal: Refusal): SinkCase {
  const outcome: Fate = { ...refusal, detail: `HTTP 200: ${error}` };
  const exchanges = [{ request: api, reply: { status: 200, body: { ok: false, error } } }];
  return {
    name,
    options: { channel: 'C0123456789' },
    secrets: botSecrets,
    events: [{}],
    exchanges,
    outcomes: [outcome],
  };
}
