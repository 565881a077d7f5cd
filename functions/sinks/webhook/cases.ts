import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, rejected, retry } from '../../core/contract/outcome.ts';

const url = 'https://example.com/hooks/events';
const id = 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467';
const options = {
  url,
  body: { text: '${ event.reason } in ${ event.cluster }: ${ event.message }', count: '${ event.count }' },
};
const robot = { ...options, reply: { field: 'errcode', success: 0, throttled: 130_101, rejected: [300_001, 310_000] } };
const request = {
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', 'webhook-id': id },
  body: { text: 'BackOff in prod: Back-off restarting failed container api', count: 3 },
};

const text = '[${ event.cluster }] ${ event.reason } ${ event.object.kind }/${ event.object.name } x${ event.count }';

export const messages: SinkMessages<{ readonly body: string }> = {
  title: 'Bodies sent to a webhook',
  variants: [
    { name: 'Without a body', options: {} },
    { name: 'With a body', options: { body: { text: `${text}: \${ event.message }` } } },
  ],
  texts: ({ body }) => [{ text: body }],
};

export const cases: readonly SinkCase[] = [
  {
    name: 'posts a templated body',
    options,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 200 } }],
    outcomes: [delivered],
  },
  {
    name: 'keeps a message with quotes, newlines and emoji intact',
    options: { url, body: { text: '${ event.message }', list: ['${ event.message | upcase }', 1, null, true] } },
    events: [{ message: 'say "hi"\n\\ 🔥' }],
    exchanges: [
      {
        request: { method: 'POST', url, body: { text: 'say "hi"\n\\ 🔥', list: ['SAY "HI"\n\\ 🔥', 1, null, true] } },
        reply: { status: 202 },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'signs as Standard Webhooks defines and sends secret headers',
    options: { url, method: 'PUT', headers: { 'X-Team': 'platform' }, body: { test: 2_432_232_314 } },
    secrets: {
      secretHeaders: { Authorization: 'Bearer token-of-the-example' },
      signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    },
    events: [{}],
    now: '2021-02-25T14:55:30Z',
    exchanges: [
      {
        request: {
          method: 'PUT',
          url,
          headers: {
            'x-team': 'platform',
            authorization: 'Bearer token-of-the-example',
            'webhook-id': id,
            'webhook-timestamp': '1614264930',
            'webhook-signature': 'v1,JetT1qothSgN4Z8jbLpDqZCh96jGkZNFrt5c4XptW38=',
          },
          body: { test: 2_432_232_314 },
        },
        reply: { status: 204 },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'retries when the service asks to wait',
    options,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 429, headers: { 'retry-after': '120' }, body: 'slow down' } }],
    outcomes: [retry('http_429', 'HTTP 429: slow down', { afterMs: 120_000 })],
  },
  {
    name: 'retries a server error',
    options,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 503 } }],
    outcomes: [retry('http_503', 'HTTP 503')],
  },
  {
    name: 'rejects a wrong credential',
    options,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 401, body: 'no such token' } }],
    outcomes: [rejected('destination', 'http_401', 'HTTP 401: no such token')],
  },
  {
    name: 'takes a reply for a success only where it says so',
    options: robot,
    events: [{ count: 3 }, { count: 3, metadata: { uid: 'u2' } }],
    exchanges: [
      { request, reply: { status: 200, body: { errcode: 0, errmsg: 'ok' } } },
      { request: { method: 'POST', url }, reply: { status: 200, body: { errcode: 40_035, errmsg: 'no text' } } },
    ],
    outcomes: [delivered, retry('not_accepted', 'HTTP 200, errcode 40035: {"errcode":40035,"errmsg":"no text"}')],
  },
  answered('waits where the reply says that there are too many requests', robot, '{"errcode":130101}', [
    retry('throttled', 'HTTP 200, errcode 130101: {"errcode":130101}', { afterMs: 120_000 }),
  ]),
  answered('rejects where the reply says that trying again would not help', robot, '{"errcode":310000}', [
    rejected('destination', 'refused', 'HTTP 200, errcode 310000: {"errcode":310000}'),
  ]),
  answered('takes the whole text of a reply for its answer', { ...options, reply: { success: 'ok' } }, 'no_text', [
    retry('not_accepted', 'HTTP 200: no_text'),
  ]),
  {
    name: 'does not follow a redirect',
    options,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 302, headers: { location: 'https://elsewhere.example/' } } }],
    outcomes: [rejected('destination', 'http_302', 'HTTP 302 (redirects are not followed: use the final URL)')],
  },
  {
    name: 'rejects the event that the service refuses, alone',
    options,
    events: [{ count: 3 }, { count: 3, message: 'another' }],
    exchanges: [
      { request, reply: { status: 422, body: { error: 'no' } } },
      {
        request: { ...request, body: { text: 'BackOff in prod: another', count: 3 } },
        reply: { status: 200 },
      },
    ],
    outcomes: [rejected('event', 'http_422', 'HTTP 422: {"error":"no"}'), delivered],
  },
];

function answered(name: string, given: SinkCase['options'], body: string, outcomes: SinkCase['outcomes']): SinkCase {
  return {
    name,
    options: given,
    events: [{ count: 3 }],
    exchanges: [{ request, reply: { status: 200, body } }],
    outcomes,
  };
}
