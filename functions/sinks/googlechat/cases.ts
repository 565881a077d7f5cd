import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { MAX_TITLE_BYTES, type GoogleChatMessage, type Widget } from './message.ts';

const url = 'https://chat.googleapis.com/v1/spaces/AAAAbcdEF/messages?key=AIza-key&token=Zx81-webhook-token';
const secrets = { webhookUrl: url };
const request = { method: 'POST', url };

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };

/** The text of a widget, as it is sent. */
function textOf(widget: Widget): string {
  if ('textParagraph' in widget) return widget.textParagraph.text.replaceAll('<br>', '\n');
  if ('decoratedText' in widget) return `${widget.decoratedText.topLabel}: ${widget.decoratedText.text}`;
  return widget.buttonList.buttons.map(({ text, onClick }) => `[${text}](${onClick.openLink.url})`).join(' ');
}

export const messages: SinkMessages<GoogleChatMessage> = {
  title: 'Messages on Google Chat',
  variants: [
    { name: 'English', options: { language: 'en' } },
    {
      name: '中文',
      options: {
        language: 'zh',
        timeZone: 'Asia/Shanghai',
        links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' },
      },
    },
  ],
  texts({ fallbackText, cardsV2: [{ card }] }) {
    const body = card.sections.map(({ widgets }) => widgets.map(textOf).join('\n')).join('\n\n');
    return [
      { text: `${card.header.title}\n${card.header.subtitle ?? ''}\n\n${body}`, isLiteral: true },
      { text: body },
      { text: card.header.title, limit: { max: MAX_TITLE_BYTES, unit: 'utf8' }, isLiteral: true },
      { text: fallbackText },
    ];
  },
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
          headers: { 'content-type': 'application/json; charset=UTF-8' },
          body: {
            fallbackText: '🟠 [prod] BackOff · Pod payments/api-7d9f',
            cardsV2: [
              {
                cardId: 'event',
                card: {
                  header: { title: '🟠 [prod] BackOff', subtitle: 'Pod payments/api-7d9f' },
                  sections: [
                    {
                      widgets: [
                        { textParagraph: { text: 'Back-off restarting failed container api', maxLines: 8 } },
                        { decoratedText: { topLabel: 'Container', text: 'api', wrapText: true } },
                        { decoratedText: { topLabel: 'When', text: '2026-11-23 07:59:30 UTC', wrapText: true } },
                        { decoratedText: { topLabel: 'Source', text: 'kubelet on node-1', wrapText: true } },
                        {
                          textParagraph: {
                            text: '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
                          },
                        },
                        {
                          textParagraph: {
                            text: 'kubectl -n payments describe pod/api-7d9f<br>kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
                          },
                        },
                        { textParagraph: { text: '<font color="#5f6368">Event 5a0c6d1e/184467</font>' } },
                      ],
                    },
                  ],
                },
              },
            ],
          },
        },
        reply: {
          status: 200,
          body: { name: 'spaces/AAAAbcdEF/messages/m1', thread: { name: 'spaces/AAAAbcdEF/threads/t1' } },
        },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'goes into the thread of its owner and reason, and mentions people where it is critical',
    options: { threads: true, mentions: ['all', '1234567890'] },
    secrets,
    events: [evicted],
    exchanges: [
      {
        request: { method: 'POST', url: `${url}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD` },
        reply: { status: 200, body: { name: 'spaces/AAAAbcdEF/messages/m1' } },
      },
    ],
    outcomes: [delivered],
  },
  refusal('waits a minute when the space is throttled', 429, 'RESOURCE_EXHAUSTED', {
    status: 'retry',
    code: 'throttled',
    detail: 'HTTP 429 RESOURCE_EXHAUSTED: said so',
    afterMs: 60_000,
  }),
  refusal(
    'rejects where the token is refused',
    401,
    'UNAUTHENTICATED',
    wrong('webhook_invalid', 401, 'UNAUTHENTICATED'),
  ),
  refusal(
    'rejects where the key is refused',
    403,
    'PERMISSION_DENIED',
    wrong('webhook_invalid', 403, 'PERMISSION_DENIED'),
  ),
  refusal('rejects where the webhook is gone', 404, 'NOT_FOUND', wrong('webhook_gone', 404, 'NOT_FOUND')),
  refusal('rejects an event whose message is refused alone', 400, 'INVALID_ARGUMENT', {
    status: 'rejected',
    scope: 'event',
    code: 'message_refused',
    detail: 'HTTP 400 INVALID_ARGUMENT: said so',
  }),
  refusal('retries when Google Chat fails', 500, 'INTERNAL', {
    status: 'retry',
    code: 'service_failed',
    detail: 'HTTP 500 INTERNAL: said so',
  }),
  {
    name: 'retries where something else answers',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 200, body: 'Sign in' } }],
    outcomes: [{ status: 'retry', code: 'unreadable_reply', detail: 'the reply is no message: Sign in' }],
  },
  {
    name: 'retries when something in between fails',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 502, body: 'Bad Gateway' } }],
    outcomes: [{ status: 'retry', code: 'http_502', detail: 'HTTP 502: Bad Gateway' }],
  },
];

function wrong(code: string, http: number, status: string): Fate {
  return { status: 'rejected', scope: 'destination', code, detail: `HTTP ${http} ${status}: said so` };
}

function refusal(name: string, code: number, status: string, outcome: Fate): SinkCase {
  const reply = { status: code, body: { error: { code, status, message: 'said so' } } };
  return { name, options: {}, secrets, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
