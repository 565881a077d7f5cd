import type { Exchange, SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { sampleKubeEvent } from '../../core/contract/sample.ts';

const options = { endpoint: 'https://es.example.com:9200' };
const secrets = { apiKey: 'VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhU' };
const url =
  'https://es.example.com:9200/_bulk?filter_path=errors%2Citems.*.status%2Citems.*.error.type%2Citems.*.error.reason';

const document = {
  '@timestamp': '2026-11-23T07:59:30.000Z',
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
    labelPairs: [],
    annotationPairs: [],
  },
  node: '',
  namespace: { labelPairs: [], annotationPairs: [] },
  source: { component: 'kubelet', host: 'node-1' },
};

const ID = 'U6NgvLGypFOC1rVAbCnQ-jqsthv7ZR64TQQZRn_-QO0';

function lines(...parts: readonly unknown[]): string {
  return parts.map((part) => `${JSON.stringify(part)}\n`).join('');
}

function created(id = ID): unknown {
  return { create: { _index: 'kube-events', _id: id } };
}

const stored = { status: 200, body: { errors: false, items: [{ create: { status: 201 } }] } };

const sent = { method: 'POST', url, body: lines(created(), document) };

export const cases: readonly SinkCase[] = [
  {
    name: 'creates one document in the data stream',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: {
          ...sent,
          headers: {
            authorization: 'ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhU',
            'content-type': 'application/x-ndjson',
            'content-encoding': 'gzip',
          },
        },
        reply: stored,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'takes a document that is there already as delivered',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: sent,
        reply: {
          status: 200,
          body: {
            errors: true,
            items: [
              {
                create: {
                  status: 409,
                  error: {
                    type: 'version_conflict_engine_exception',
                    reason: `[${ID}]: version conflict, document already exists (current version [1])`,
                  },
                },
              },
            ],
          },
        },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives each document of a batch its own outcome',
    options: { ...options, mode: 'daily', username: 'courier', pipeline: 'kube-events', compression: false },
    secrets: { password: 'correct horse' },
    events: [{}, { metadata: { uid: 'u2', resourceVersion: '2' } }, { metadata: { uid: 'u3', resourceVersion: '3' } }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: `${url.replace('?', '?pipeline=kube-events&')}`,
          headers: { authorization: 'Basic Y291cmllcjpjb3JyZWN0IGhvcnNl' },
        },
        reply: {
          status: 200,
          body: {
            errors: true,
            items: [
              { create: { status: 201 } },
              {
                create: {
                  status: 400,
                  error: {
                    type: 'document_parsing_exception',
                    reason:
                      "[1:140] failed to parse field [count] of type [long] in document with id 'x'. Preview of field's value: 'hello'",
                  },
                },
              },
              {
                create: {
                  status: 429,
                  error: {
                    type: 'es_rejected_execution_exception',
                    reason: 'rejected execution of coordinating operation',
                  },
                },
              },
            ],
          },
        },
      },
    ],
    outcomes: [
      delivered,
      {
        status: 'rejected',
        scope: 'event',
        code: 'document_rejected',
        detail:
          "HTTP 400 document_parsing_exception: [1:140] failed to parse field [count] of type [long] in document with id 'x'",
      },
      {
        status: 'retry',
        code: 'throttled',
        detail: 'HTTP 429 es_rejected_execution_exception: rejected execution of coordinating operation',
      },
    ],
  },
  {
    name: 'keeps the newest version only, in mode latest',
    options: { ...options, mode: 'latest', index: 'kube-${ event.cluster }' },
    secrets: { bearerToken: 'eyJhbGciOiJSUzI1NiJ9' },
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          headers: { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9' },
          body: lines(
            {
              index: {
                _index: 'kube-prod',
                _id: '1LmufO5ce5CsCqphfoVrg2S-cCRpOk59BkXaWfvlHZM',
                version: '184467',
                version_type: 'external',
              },
            },
            document,
          ),
        },
        reply: { status: 200, body: { errors: false, items: [{ index: { status: 201 } }] } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'writes the fields of kube-eventer',
    options: { ...options, mode: 'daily', index: 'heapster', format: 'kube-eventer' },
    events: [
      {
        metadata: { ...sampleKubeEvent.metadata, annotations: { app: 'web', 'app.kubernetes.io/name': 'web' } },
        involvedObject: { ...sampleKubeEvent.involvedObject, labels: { team: 'shop' } },
      },
    ],
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          body: lines(
            { create: { _index: 'heapster-2026.11.23', _id: ID } },
            {
              '@timestamp': '2026-11-23T07:59:30.000Z',
              Count: 1,
              Metadata: {
                ...sampleKubeEvent.metadata,
                labelPairs: [],
                annotationPairs: ['app=web', 'app.kubernetes.io/name=web'],
              },
              InvolvedObject: { ...sampleKubeEvent.involvedObject, labelPairs: ['team=shop'], annotationPairs: [] },
              Source: { component: 'kubelet', host: 'node-1' },
              FirstOccurrenceTimestamp: '2026-11-23T07:55:00.000Z',
              LastOccurrenceTimestamp: '2026-11-23T07:59:30.000Z',
              Message: 'Back-off restarting failed container api',
              Reason: 'BackOff',
              Type: 'Warning',
              EventTags: {
                eventID: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
                cluster_name: 'prod',
                hostname: 'node-1',
                pod_id: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
                pod_name: 'api-7d9f',
              },
            },
          ),
        },
        reply: stored,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'signs requests for Amazon OpenSearch Service',
    options: {
      endpoint: 'https://search-events-abc.us-east-1.es.amazonaws.com',
      awsService: 'es',
      documentIds: false,
    },
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: url.replace('es.example.com:9200', 'search-events-abc.us-east-1.es.amazonaws.com'),
          headers: { 'x-amz-date': '20261123T080000Z' },
          body: lines({ create: { _index: 'kube-events' } }, document),
        },
        reply: stored,
      },
    ],
    outcomes: [delivered],
  },
  refusal(
    'says that the API key is wrong',
    { status: 401, body: { error: { type: 'security_exception', reason: 'unable to authenticate' }, status: 401 } },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'wrong_credentials',
      detail: 'HTTP 401: {"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}',
    },
  ),
  refusal(
    'retries a throttled request when the cluster says',
    { status: 429, headers: { 'retry-after': '120' }, body: 'Too Many Requests' },
    { status: 'retry', code: 'http_429', detail: 'HTTP 429: Too Many Requests', afterMs: 120_000 },
  ),
  refusal(
    'waits while the cluster takes nothing',
    {
      status: 403,
      body: {
        error: { type: 'cluster_block_exception', reason: 'blocked by: [FORBIDDEN/6/cluster read-only (api)];' },
        status: 403,
      },
    },
    {
      status: 'retry',
      code: 'cluster_blocked',
      detail: 'HTTP 403 cluster_block_exception: blocked by: [FORBIDDEN/6/cluster read-only (api)];',
    },
  ),
  {
    name: 'splits a batch that is too large for the cluster',
    options,
    secrets,
    events: [{}, { metadata: { uid: 'u2', resourceVersion: '2' } }],
    exchanges: [
      { request: { method: 'POST', url }, reply: { status: 413, body: '' } },
      { request: sent, reply: stored },
      { request: { method: 'POST', url }, reply: { status: 413, body: '' } },
    ],
    outcomes: [delivered, { status: 'rejected', scope: 'event', code: 'too_large', detail: 'HTTP 413' }],
  },
];

/** The whole request is refused. */
function refusal(name: string, reply: Exchange['reply'], outcome: Fate): SinkCase {
  return { name, options, secrets, events: [{}], exchanges: [{ request: sent, reply }], outcomes: [outcome] };
}
