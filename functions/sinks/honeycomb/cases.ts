import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered } from '../../core/contract/outcome.ts';

const secrets = { apiKey: 'hcaik_01hqk4k20cjeh63wca8vva5stw' };
const url = 'https://api.honeycomb.io/1/batch/kubernetes-events';

const event = {
  time: '2026-11-23T07:59:30.000Z',
  data: {
    cluster: 'prod',
    namespace: 'payments',
    kind: 'Pod',
    name: 'api-7d9f',
    subobject: 'spec.containers{api}',
    type: 'Warning',
    severity: 'warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container api',
    'source.component': 'kubelet',
    'source.host': 'node-1',
    'object.uid': '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
    'object.api_version': 'v1',
    'event.id': 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    'event.uid': '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
    'event.namespace': 'payments',
    'event.first_seen': '2026-11-23T07:55:00.000Z',
    count: 1,
  },
};

const known = {
  'owner.kind': 'Deployment',
  'owner.name': 'api',
  'owner.guessed': false,
  node: 'node-1',
  'object.labels': 'app=api',
  'namespace.labels': 'team=payments',
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends one event',
    options: {},
    secrets,
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          headers: { 'x-honeycomb-team': 'hcaik_01hqk4k20cjeh63wca8vva5stw', 'content-encoding': 'gzip' },
          body: [{ ...event, data: { ...event.data, ...known } }],
        },
        reply: { status: 200, body: [{ status: 202 }] },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives each event of a batch its own outcome, in the EU',
    options: { endpoint: 'https://api.eu1.honeycomb.io/', dataset: 'My Dataset' },
    secrets,
    events: [{}, {}, {}, {}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: 'https://api.eu1.honeycomb.io/1/batch/My%20Dataset',
          body: [event, event, event, event],
        },
        reply: {
          status: 200,
          body: [
            { status: 202 },
            { status: 400, error: 'Event has too many columns.' },
            { status: 429, error: 'event dropped due to rate limiting' },
            { status: 503, error: 'internal error' },
          ],
        },
      },
    ],
    outcomes: [
      delivered,
      {
        status: 'rejected',
        scope: 'event',
        code: 'event_rejected',
        detail: 'status 400: Event has too many columns.',
      },
      { status: 'retry', code: 'throttled', detail: 'status 429: event dropped due to rate limiting' },
      { status: 'retry', code: 'unavailable', detail: 'status 503: internal error' },
    ],
  },
  {
    name: 'says that the key is wrong',
    options: {},
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: { status: 401, body: { error: 'unknown API key - check your credentials' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'wrong_credentials',
        detail: 'HTTP 401: {"error":"unknown API key - check your credentials"}',
      },
    ],
  },
  {
    name: 'tries again slowly while the team is throttled administratively',
    options: {},
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: { status: 403, body: { error: 'event dropped due to administrative throttling' } },
      },
    ],
    outcomes: [
      {
        status: 'retry',
        code: 'blocked',
        detail: 'HTTP 403: {"error":"event dropped due to administrative throttling"}',
        afterMs: 600_000,
      },
    ],
  },
  {
    name: 'retries a throttled batch',
    options: {},
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url },
        reply: { status: 429, body: { error: 'request dropped due to rate limiting' } },
      },
    ],
    outcomes: [
      { status: 'retry', code: 'http_429', detail: 'HTTP 429: {"error":"request dropped due to rate limiting"}' },
    ],
  },
  {
    name: 'does not take a reply without statuses for success',
    options: {},
    secrets,
    events: [{}],
    exchanges: [{ request: { method: 'POST', url }, reply: { status: 200, body: '<html>Sign in</html>' } }],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: 'expected a status for each event (1)' }],
  },
];
