import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';

const secrets = { apiKey: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' };
const url = 'https://http-intake.logs.datadoghq.com/api/v2/logs';
const request = { method: 'POST', url };

const log = {
  message: 'Back-off restarting failed container api',
  ddsource: 'kubernetes',
  service: 'kubernetes',
  hostname: 'node-1',
  status: 'warn',
  timestamp: 1_795_420_770_000,
  ddtags:
    'kube_cluster_name:prod,kube_namespace:payments,kube_kind:pod,kube_name:api-7d9f,event_reason:backoff,event_type:warning,source_component:kubelet,orchestrator:kubernetes,env:prod',
  event_id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  k8s_event: {
    id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    cluster: 'prod',
    uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
    name: 'api-7d9f.17ab3c',
    eventNamespace: 'payments',
    resourceVersion: '184467',
    type: 'Warning',
    severity: 'warning',
    reason: 'BackOff',
    action: '',
    count: 1,
    previousCount: 0,
    firstSeen: '2026-11-23T07:55:00.000Z',
    lastSeen: '2026-11-23T07:59:30.000Z',
    seenAt: '2026-11-23T07:59:31.000Z',
    change: 'added',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'payments',
      name: 'api-7d9f',
      uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
      fieldPath: 'spec.containers{api}',
      labels: {},
      annotations: {},
    },
    node: '',
    namespace: { labels: {}, annotations: {} },
    source: { component: 'kubelet', host: 'node-1' },
  },
};

const { timestamp: _, ...undated } = log;

export const cases: readonly SinkCase[] = [
  {
    name: 'sends an event as a log',
    options: { tags: ['env:prod'] },
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'dd-api-key': secrets.apiKey, 'content-encoding': 'gzip', 'content-type': 'application/json' },
          body: [log],
        },
        reply: { status: 202, body: {} },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'goes to the site of the account',
    options: { site: 'us5.datadoghq.com' },
    secrets,
    events: [{}, { message: 'second' }],
    exchanges: [
      {
        request: { method: 'POST', url: 'https://http-intake.logs.us5.datadoghq.com/api/v2/logs' },
        reply: { status: 202, body: {} },
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'gives an event of more than 18 hours ago the time of its arrival, because Datadog would drop it',
    options: { tags: ['env:prod'] },
    secrets,
    events: [{}],
    now: '2026-11-24T03:00:00Z',
    exchanges: [{ request: { ...request, body: [undated] }, reply: { status: 202, body: {} } }],
    outcomes: [
      {
        ...delivered,
        warning:
          'outside the last 18 hours, where Datadog drops logs: it has the time of its arrival there, and its own in k8s_event.lastSeen',
      },
    ],
  },
  refusal(
    'rejects where the key is refused',
    403,
    { errors: [{ title: 'Forbidden' }] },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'key_refused',
      detail: 'HTTP 403: {"errors":[{"title":"Forbidden"}]}',
    },
  ),
  refusal(
    'rejects an event that is refused alone',
    400,
    { errors: [{ title: 'Bad Request' }] },
    {
      status: 'rejected',
      scope: 'event',
      code: 'event_refused',
      detail: 'HTTP 400: {"errors":[{"title":"Bad Request"}]}',
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
