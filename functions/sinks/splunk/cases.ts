import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';

const options = { endpoint: 'https://splunk.example.com:8088', index: 'kubernetes' };
const secrets = { token: 'b80594d5-6bb0-4dd1-8f2b-0123456789ab' };
const request = { method: 'POST', url: 'https://splunk.example.com:8088/services/collector/event' };

const event = {
  id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  cluster: 'prod',
  uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
  name: 'api-7d9f.17ab3c',
  eventNamespace: 'payments',
  resourceVersion: '184467',
  type: 'Warning',
  severity: 'warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container api',
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
};

export const cases: readonly SinkCase[] = [
  {
    name: 'sends an event with what is searched by as indexed fields',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: {
            authorization: 'Splunk b80594d5-6bb0-4dd1-8f2b-0123456789ab',
            'content-encoding': 'gzip',
            'content-type': 'application/json',
          },
          body: {
            time: 1_795_420_770,
            host: 'node-1',
            source: 'kube-courier',
            sourcetype: 'kube:events',
            index: 'kubernetes',
            fields: {
              cluster_name: 'prod',
              namespace: 'payments',
              kind: 'Pod',
              type: 'Warning',
              severity: 'warning',
              reason: 'BackOff',
              event_id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
            },
            event,
          },
        },
        reply: { status: 200, body: { text: 'Success', code: 0 } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends those again that Splunk did not come to, and rejects the one it refuses',
    options,
    secrets,
    events: [{}, { message: 'second' }, { message: 'third' }],
    exchanges: [
      {
        request,
        reply: { status: 400, body: { text: 'Invalid data format', code: 6, 'invalid-event-number': 1 } },
      },
    ],
    outcomes: [
      delivered,
      {
        status: 'rejected',
        scope: 'event',
        code: 'event_refused',
        detail: 'HTTP 400 code 6: Invalid data format',
      },
      { status: 'retry', code: 'not_reached', detail: 'HTTP 400 code 6: Invalid data format' },
    ],
  },
  {
    name: 'sends those again from which on Splunk was busy',
    options,
    secrets,
    events: [{}, { message: 'second' }, { message: 'third' }],
    exchanges: [
      {
        request,
        reply: { status: 503, body: { text: 'Server is busy', code: 9, 'invalid-event-number': 1 } },
      },
    ],
    outcomes: [
      delivered,
      { status: 'retry', code: 'busy', detail: 'HTTP 503 code 9: Server is busy' },
      { status: 'retry', code: 'busy', detail: 'HTTP 503 code 9: Server is busy' },
    ],
  },
  wrong('rejects where the token is unknown', 403, 4, 'Invalid token', 'token_refused'),
  wrong('rejects where the token is disabled', 403, 1, 'Token disabled', 'token_refused'),
  wrong("rejects where the index is not the token's", 400, 7, 'Incorrect index', 'settings_refused'),
  wrong('rejects where the token wants a channel', 400, 10, 'Data channel is missing', 'settings_refused'),
  refusal('rejects an event that is refused alone', 400, 12, 'Event field is required', {
    status: 'rejected',
    scope: 'event',
    code: 'event_refused',
    detail: 'HTTP 400 code 12: Event field is required',
  }),
  refusal('retries when Splunk is busy', 503, 9, 'Server is busy', {
    status: 'retry',
    code: 'busy',
    detail: 'HTTP 503 code 9: Server is busy',
  }),
  {
    name: 'retries where something else answers',
    options,
    secrets,
    events: [{}],
    exchanges: [{ request, reply: { status: 200, body: 'Sign in' } }],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: "the reply is not the collector's: Sign in" }],
  },
];

function wrong(name: string, status: number, code: number, text: string, meaning: string): SinkCase {
  const detail = `HTTP ${status} code ${code}: ${text}`;
  return refusal(name, status, code, text, { status: 'rejected', scope: 'destination', code: meaning, detail });
}

function refusal(name: string, status: number, code: number, text: string, outcome: Fate): SinkCase {
  const exchanges = [{ request, reply: { status, body: { text, code } } }];
  return { name, options, secrets, events: [{}], exchanges, outcomes: [outcome] };
}
