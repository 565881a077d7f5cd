import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { endpoint: 'http://otel-collector.monitoring:4318/v1/logs', encoding: 'json' };
const request = { method: 'POST', url: options.endpoint };

export const cases: readonly SinkCase[] = [
  {
    name: "sends an event by the names of the collector's own receiver",
    options: { ...options, resourceAttributes: { 'deployment.environment.name': 'production' } },
    secrets: { secretHeaders: { 'x-api-key': 'key-of-the-example' } },
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          ...request,
          headers: {
            'content-type': 'application/json',
            'content-encoding': 'gzip',
            'x-api-key': 'key-of-the-example',
          },
          body: {
            resourceLogs: [
              {
                resource: {
                  attributes: [
                    text('service.name', 'kube-courier'),
                    text('deployment.environment.name', 'production'),
                    text('k8s.cluster.name', 'prod'),
                    text('k8s.node.name', 'node-1'),
                    text('k8s.object.kind', 'Pod'),
                    text('k8s.object.name', 'api-7d9f'),
                    text('k8s.object.uid', '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b'),
                    text('k8s.object.fieldpath', 'spec.containers{api}'),
                    text('k8s.object.api_version', 'v1'),
                  ],
                },
                scopeLogs: [
                  {
                    scope: { name: 'kube-courier' },
                    logRecords: [
                      {
                        timeUnixNano: '1795420770000000000',
                        observedTimeUnixNano: '1795420771000000000',
                        severityNumber: 13,
                        severityText: 'Warning',
                        body: { stringValue: 'Back-off restarting failed container api' },
                        attributes: [
                          text('k8s.event.reason', 'BackOff'),
                          text('k8s.event.start_time', '2026-11-23T07:55:00Z'),
                          text('k8s.event.name', 'api-7d9f.17ab3c'),
                          text('k8s.event.uid', '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11'),
                          text('k8s.namespace.name', 'payments'),
                          { key: 'k8s.event.count', value: { intValue: '1' } },
                          text('event.id', 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467'),
                          text('event.severity', 'warning'),
                          text('k8s.event.source', 'kubelet'),
                          text('k8s.event.first_seen', '2026-11-23T07:55:00.000Z'),
                          text('k8s.object.owner.kind', 'Deployment'),
                          text('k8s.object.owner.name', 'api'),
                          { key: 'k8s.object.owner.guessed', value: { boolValue: false } },
                          text('k8s.deployment.name', 'api'),
                          text('k8s.pod.name', 'api-7d9f'),
                          text('k8s.pod.uid', '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b'),
                          text('k8s.container.name', 'api'),
                          text('k8s.pod.label.app', 'api'),
                          text('k8s.namespace.label.team', 'payments'),
                        ],
                      },
                    ],
                  },
                ],
              },
            ],
          },
        },
        reply: { status: 200, body: { partialSuccess: {} } },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends protobuf unless told otherwise',
    options: { endpoint: 'https://otlp.example.com/custom/path' },
    events: [{}, { count: 2 }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: 'https://otlp.example.com/custom/path',
          headers: { 'content-type': 'application/x-protobuf' },
        },
        reply: { status: 204, body: '' },
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'sends nothing again of a request that was taken in part',
    options,
    events: [{}, { count: 2 }],
    exchanges: [
      {
        request,
        reply: { status: 200, body: { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'too old' } } },
      },
    ],
    outcomes: [
      { ...delivered, warning: '1 of 2 records refused: too old' },
      { ...delivered, warning: '1 of 2 records refused: too old' },
    ],
  },
  refusal(
    'retries after the time that it is told',
    429,
    { 'retry-after': '30' },
    {
      status: 'retry',
      code: 'http_429',
      detail: 'HTTP 429: said',
      afterMs: 30_000,
    },
  ),
  refusal(
    'retries while the receiver is not available',
    503,
    { 'retry-after': '5' },
    {
      status: 'retry',
      code: 'http_503',
      detail: 'HTTP 503: said',
      afterMs: 5000,
    },
  ),
  refusal(
    'retries when a gateway has no receiver',
    502,
    {},
    {
      status: 'retry',
      code: 'http_502',
      detail: 'HTTP 502: said',
    },
  ),
  refusal(
    'rejects an event that cannot be read',
    400,
    {},
    {
      status: 'rejected',
      scope: 'event',
      code: 'request_refused',
      detail: 'HTTP 400: said',
    },
  ),
  refusal(
    'rejects a single event that is too large',
    413,
    {},
    {
      status: 'rejected',
      scope: 'event',
      code: 'too_large',
      detail: 'HTTP 413: said',
    },
  ),
  refusal(
    'rejects where the encoding is not read',
    415,
    {},
    {
      status: 'rejected',
      scope: 'destination',
      code: 'encoding_refused',
      detail: 'HTTP 415: said',
    },
  ),
  refusal(
    'rejects where a header is wrong',
    401,
    {},
    {
      status: 'rejected',
      scope: 'destination',
      code: 'http_401',
      detail: 'HTTP 401: said',
    },
  ),
];

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

/** One event, and what becomes of it when the receiver answers with this. */
function refusal(name: string, status: number, headers: Readonly<Record<string, string>>, outcome: Fate): SinkCase {
  const exchanges = [{ request, reply: { status, headers, body: 'said' } }];
  return { name, options, events: [{}], exchanges, outcomes: [outcome] };
}
