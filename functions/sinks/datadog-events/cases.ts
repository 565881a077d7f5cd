import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';

const secrets = { apiKey: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' };
const request = { method: 'POST', url: 'https://api.datadoghq.com/api/v1/events' };

const undated = {
  title: 'Pod payments/api-7d9f: BackOff',
  text: 'Back-off restarting failed container api\n\nat 2026-11-23T07:59:30.000Z, seen by kubelet\nprod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  tags: [
    'kube_cluster_name:prod',
    'kube_namespace:payments',
    'kube_kind:pod',
    'kube_name:api-7d9f',
    'event_reason:backoff',
    'event_type:warning',
    'source_component:kubelet',
    'orchestrator:kubernetes',
    'env:prod',
  ],
  alert_type: 'warning',
  aggregation_key: 'kubernetes_apiserver:9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
  source_type_name: 'kubernetes',
  host: 'node-1',
};

export const cases: readonly SinkCase[] = [
  {
    name: 'posts an event',
    options: { tags: ['env:prod'] },
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'dd-api-key': secrets.apiKey, 'content-type': 'application/json' },
          body: { ...undated, date_happened: 1_795_420_770 },
        },
        reply: { status: 202, body: { status: 'ok' } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'goes to the site of the account, an event in a request',
    options: { site: 'us5.datadoghq.com' },
    secrets,
    events: [{}, { message: 'second' }],
    exchanges: [1, 2].map(() => ({
      request: { method: 'POST', url: 'https://api.us5.datadoghq.com/api/v1/events' },
      reply: { status: 202, body: { status: 'ok' } },
    })),
    outcomes: [delivered, delivered],
  },
  {
    name: 'notifies nobody, and is no Markdown, whatever a message says',
    options: { tags: ['env:prod'] },
    secrets,
    events: [{ message: '%%% \n[log in](https://evil.example) @all @ops@example.com\n %%%' }],
    exchanges: [
      {
        request: {
          ...request,
          body: {
            ...undated,
            text: undated.text.replace(
              'Back-off restarting failed container api',
              '%\u200B%\u200B% \n[log in](https://evil.example) @\u200Ball @\u200Bops@\u200Bexample.com\n %\u200B%\u200B%',
            ),
            date_happened: 1_795_420_770,
          },
        },
        reply: { status: 202, body: { status: 'ok' } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives an event of more than 18 hours ago the time of its arrival, because Datadog would not take it',
    options: { tags: ['env:prod'] },
    secrets,
    events: [{}],
    now: '2026-11-24T03:00:00Z',
    exchanges: [{ request: { ...request, body: undated }, reply: { status: 202, body: { status: 'ok' } } }],
    outcomes: [
      {
        ...delivered,
        warning:
          'outside the last 18 hours, of which Datadog takes events: it has the time of its arrival there, and its own in the text',
      },
    ],
  },
  refusal(
    'rejects where the key is refused',
    403,
    { errors: ['Forbidden'] },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'key_refused',
      detail: 'HTTP 403: {"errors":["Forbidden"]}',
    },
  ),
  refusal(
    'rejects an event that is refused',
    400,
    { errors: ['Invalid aggregation_key'] },
    {
      status: 'rejected',
      scope: 'event',
      code: 'event_refused',
      detail: 'HTTP 400: {"errors":["Invalid aggregation_key"]}',
    },
  ),
  refusal('retries when it is throttled', 429, '', { status: 'retry', code: 'http_429', detail: 'HTTP 429' }),
  refusal('retries on a server error', 503, '', { status: 'retry', code: 'http_503', detail: 'HTTP 503' }),
  refusal('retries where something else answers', 200, 'Sign in', {
    status: 'retry',
    code: 'unexpected_reply',
    detail: 'HTTP 200, expected 202',
  }),
];

function refusal(name: string, status: number, body: unknown, outcome: Fate): SinkCase {
  const exchanges = [{ request, reply: { status, body } }];
  return { name, options: {}, secrets, events: [{}], exchanges, outcomes: [outcome] };
}
