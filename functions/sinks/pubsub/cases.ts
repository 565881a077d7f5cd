import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';

const options = { project: 'example-project', topic: 'kubernetes-events', endpoint: 'http://emulator.example:8085' };
const request = {
  method: 'POST',
  url: 'http://emulator.example:8085/v1/projects/example-project/topics/kubernetes-events:publish',
};

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

const attributes = {
  'event-id': 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  cluster: 'prod',
  namespace: 'payments',
  kind: 'Pod',
  name: 'api-7d9f',
  type: 'Warning',
  severity: 'warning',
  reason: 'BackOff',
};

export const cases: readonly SinkCase[] = [
  {
    name: 'publishes an event, here to an emulator, with what subscriptions filter by',
    options,
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json' },
          body: { messages: [{ data: base64(event), attributes }] },
        },
        reply: { status: 200, body: { messageIds: ['1'] } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'keeps the order of what happens to one object',
    options: { ...options, ordered: true },
    events: [{}],
    exchanges: [
      {
        request: {
          ...request,
          body: { messages: [{ data: base64(event), attributes, orderingKey: 'prod/payments/Pod/api-7d9f' }] },
        },
        reply: { status: 200, body: { messageIds: ['1'] } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'rejects where the private key cannot be read',
    options: { ...options, endpoint: 'https://pubsub.googleapis.com' },
    secrets: { serviceAccount: '{"client_email":"courier@example-project.iam.example","private_key":"none"}' },
    events: [{}],
    exchanges: [],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'key_invalid',
        detail: 'the private key in serviceAccount cannot be read',
      },
    ],
  },
  wrong('rejects where the account may not publish', 403, 'PERMISSION_DENIED', 'access_denied'),
  wrong('rejects where the account is unknown', 401, 'UNAUTHENTICATED', 'access_denied'),
  wrong('rejects where there is no such topic', 404, 'NOT_FOUND', 'topic_not_found'),
  wrong('rejects where the project may not', 400, 'FAILED_PRECONDITION', 'project_refused'),
  refusal('rejects an event that is refused alone', 400, 'INVALID_ARGUMENT', {
    status: 'rejected',
    scope: 'event',
    code: 'event_refused',
    detail: 'HTTP 400 INVALID_ARGUMENT: said so',
  }),
  refusal('retries when it is throttled', 429, 'RESOURCE_EXHAUSTED', {
    status: 'retry',
    code: 'throttled',
    detail: 'HTTP 429 RESOURCE_EXHAUSTED: said so',
  }),
  refusal('retries when Pub/Sub fails', 503, 'UNAVAILABLE', {
    status: 'retry',
    code: 'unavailable',
    detail: 'HTTP 503 UNAVAILABLE: said so',
  }),
  {
    name: 'retries where the reply names fewer messages than were sent',
    options,
    events: [{}],
    exchanges: [{ request, reply: { status: 200, body: {} } }],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: 'expected 1 message ids, got none' }],
  },
];

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

function wrong(name: string, code: number, status: string, meaning: string): SinkCase {
  const detail = `HTTP ${code} ${status}: said so`;
  return refusal(name, code, status, { status: 'rejected', scope: 'destination', code: meaning, detail });
}

function refusal(name: string, code: number, status: string, outcome: Fate): SinkCase {
  const reply = { status: code, body: { error: { code, status, message: 'said so' } } };
  return { name, options, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
