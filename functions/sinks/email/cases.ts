import type { Exchange, SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { MAX_HTML_BYTES, MAX_SUBJECT, type Mail } from './message.ts';

const options = { from: 'kube-courier@example.com', to: ['on-call@example.com'], region: 'eu-west-1' };
const request = { method: 'POST', url: 'https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails' };

export const messages: SinkMessages<Mail> = {
  title: 'Mails',
  variants: [
    { name: 'English', options },
    { name: '中文', options: { ...options, language: 'zh', timeZone: 'Asia/Shanghai' } },
  ],
  texts: ({ subject, text, html }) => [
    { text: `${subject}\n\n${text}` },
    { text: subject, limit: { max: MAX_SUBJECT, unit: 'utf16' } },
    { text: html, limit: { max: MAX_HTML_BYTES, unit: 'utf8' } },
  ],
};

const text = [
  '🟠 [prod] BackOff · Pod payments/api-7d9f',
  'Back-off restarting failed container api',
  'Container: api',
  'When: 2026-11-23 07:59:30 UTC',
  'Source: kubelet on node-1',
  '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
  '$ kubectl -n payments describe pod/api-7d9f',
  '$ kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
  'Event 5a0c6d1e/184467',
].join('\n');

const font = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5';
const label =
  '<th align="left" style="padding:0 16px 0 0;font-weight:normal;white-space:nowrap;vertical-align:top;color:#5f6368">';
const html = [
  `<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="margin:0;padding:16px;${font}">`,
  '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse"><tr><td style="border-left:4px solid #e8710a;padding:0 0 0 16px">',
  '<h1 style="margin:0 0 12px;font-size:17px">🟠 [prod] BackOff · Pod payments/api-7d9f</h1>',
  '<blockquote style="margin:0 0 12px;padding:8px 12px;background:#f1f3f4">Back-off restarting failed container api</blockquote>',
  `<table cellpadding="0" cellspacing="0" style="margin:0 0 12px;${font}"><tr>${label}Container</th><td>api</td></tr><tr>${label}When</th><td>2026-11-23 07:59:30 UTC</td></tr><tr>${label}Source</th><td>kubelet on node-1</td></tr></table>`,
  '<p style="margin:0 0 12px;">💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.</p>',
  '<pre style="margin:0 0 12px;padding:8px 12px;background:#202124;color:#f1f3f4;white-space:pre-wrap;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px">kubectl -n payments describe pod/api-7d9f\nkubectl -n payments logs pod/api-7d9f -c api --previous --tail=50</pre>',
  '<p style="margin:0 0 12px;color:#5f6368;font-size:12px">Event 5a0c6d1e/184467</p>',
  '</td></tr></table></body></html>',
].join('\n');

export const cases: readonly SinkCase[] = [
  {
    name: 'sends a mail for one event',
    options,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json' },
          body: {
            FromEmailAddress: 'kube-courier@example.com',
            Destination: { ToAddresses: ['on-call@example.com'] },
            Content: {
              Simple: {
                Subject: { Data: '🟠 [prod] BackOff · Pod payments/api-7d9f', Charset: 'UTF-8' },
                Body: { Text: { Data: text, Charset: 'UTF-8' }, Html: { Data: html, Charset: 'UTF-8' } },
                Headers: [
                  { Name: 'Auto-Submitted', Value: 'auto-generated' },
                  { Name: 'List-Id', Value: '<prod.kube-courier.invalid>' },
                  { Name: 'References', Value: '<cf61ca3f029bd8db323ccd42fb7311cc@kube-courier.invalid>' },
                  { Name: 'X-Kube-Courier-Severity', Value: 'warning' },
                  { Name: 'X-Kube-Courier-Event', Value: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467' },
                ],
              },
            },
          },
        },
        reply: { status: 200, body: { MessageId: '0102018b-4f1d' } },
      },
    ],
    outcomes: [delivered],
  },
  retried(
    'waits half a minute where the account sends too fast',
    'ThrottlingException',
    'Maximum sending rate exceeded.',
    'throttled',
    30_000,
  ),
  retried(
    'waits half a minute for too many requests',
    'TooManyRequestsException',
    'Too Many Requests',
    'throttled',
    30_000,
    429,
  ),
  retried(
    'waits ten minutes where the quota of the day is used up',
    'ThrottlingException',
    'Daily message quota exceeded.',
    'daily_quota',
    600_000,
  ),
  retried(
    'waits ten minutes for the quota by whatever name',
    'TooManyRequestsException',
    'Daily message quota exceeded.',
    'daily_quota',
    600_000,
    429,
  ),
  retried(
    'retries what was signed too long ago, by the clock',
    'InvalidSignatureException',
    'Signature expired: 20261123T080000Z is now earlier than 20261123T081500Z',
    'credentials_expired',
    undefined,
    403,
  ),
  retried(
    'waits ten minutes at a limit',
    'LimitExceededException',
    'There are too many instances.',
    'daily_quota',
    600_000,
  ),
  retried(
    'retries with new credentials',
    'ExpiredTokenException',
    'The security token included in the request is expired',
    'credentials_expired',
    undefined,
    403,
  ),
  refused(
    'rejects a sender that is not verified',
    'MessageRejected',
    'Email address is not verified.',
    'sender_not_verified',
  ),
  refused(
    'rejects a domain that is not verified',
    'MailFromDomainNotVerifiedException',
    'not verified',
    'sender_not_verified',
  ),
  refused(
    'rejects where sending is paused',
    'SendingPausedException',
    'Sending paused for this account.',
    'sending_paused',
  ),
  refused('rejects where the account is suspended', 'AccountSuspendedException', 'suspended', 'sending_paused'),
  refused(
    'rejects an unknown configuration set',
    'NotFoundException',
    'Configuration set <kc> does not exist.',
    'configuration_set_not_found',
    404,
  ),
  refused('rejects a wrong address', 'BadRequestException', 'Domain contains illegal character', 'address_refused'),
  refused(
    'rejects where the role may not send',
    'AccessDeniedException',
    'not authorized to perform ses:SendEmail',
    'not_allowed',
    403,
  ),
  {
    name: 'rejects an event whose mail is refused alone',
    options,
    events: [{}],
    exchanges: [exchange(400, 'MessageRejected', 'Transaction failed: virus')],
    outcomes: [
      {
        status: 'rejected',
        scope: 'event',
        code: 'message_refused',
        detail: 'MessageRejected: Transaction failed: virus',
      },
    ],
  },
  {
    name: 'retries on a server error',
    options,
    events: [{}],
    exchanges: [{ request, reply: { status: 500, body: 'Internal' } }],
    outcomes: [{ status: 'retry', code: 'http_500', detail: 'HTTP 500: Internal' }],
  },
];

function exchange(status: number, type: string, message: string): Exchange {
  return { request, reply: { status, headers: { 'x-amzn-errortype': type }, body: { message } } };
}

function retried(
  name: string,
  type: string,
  message: string,
  code: string,
  afterMs: number | undefined,
  status = 400,
): SinkCase {
  const outcome: Fate = {
    status: 'retry',
    code,
    detail: `${type}: ${message}`,
    ...(afterMs !== undefined && { afterMs }),
  };
  return { name, options, events: [{}], exchanges: [exchange(status, type, message)], outcomes: [outcome] };
}

function refused(name: string, type: string, message: string, code: string, status = 400): SinkCase {
  const outcome: Fate = { status: 'rejected', scope: 'destination', code, detail: `${type}: ${message}` };
  return { name, options, events: [{}], exchanges: [exchange(status, type, message)], outcomes: [outcome] };
}
