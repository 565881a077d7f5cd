import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { endpoint: 'https://loki.example.com' };
const request = { method: 'POST', url: 'https://loki.example.com/loki/api/v1/push' };
const stored = { status: 204, body: '' };

const stream = { service_name: 'kube-courier', cluster: 'prod', namespace: 'payments', type: 'Warning' };
const time = '1795420770000184467';
const line = 'Back-off restarting failed container api';

export const cases: readonly SinkCase[] = [
  {
    name: 'pushes an event with few labels, and all else as structured metadata',
    options: { ...options, tenant: 'platform', labels: { job: 'kubernetes-events' }, username: '123456' },
    secrets: { password: 'glc-of-the-example' },
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          ...request,
          headers: {
            'content-type': 'application/json',
            'content-encoding': 'gzip',
            'x-scope-orgid': 'platform',
            authorization: 'Basic MTIzNDU2OmdsYy1vZi10aGUtZXhhbXBsZQ==',
          },
          body: {
            streams: [
              {
                stream: { ...stream, job: 'kubernetes-events' },
                values: [
                  [
                    time,
                    line,
                    {
                      kind: 'Pod',
                      name: 'api-7d9f',
                      reason: 'BackOff',
                      level: 'warning',
                      component: 'kubelet',
                      host: 'node-1',
                      node: 'node-1',
                      owner_kind: 'Deployment',
                      owner_name: 'api',
                      owner_guessed: 'false',
                      field_path: 'spec.containers{api}',
                      api_version: 'v1',
                      object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
                      event_id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
                      event_uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
                      event_namespace: 'payments',
                      count: '1',
                      first_seen: '2026-11-23T07:55:00.000Z',
                      object_labels: 'app=api',
                      namespace_labels: 'team=payments',
                    },
                  ],
                ],
              },
            ],
          },
        },
        reply: stored,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'makes a stream for each combination of labels, with a line of its own',
    options: {
      endpoint: 'https://vlogs.example.com/insert/?disable_message_parsing=1',
      eventLabels: ['kind'],
      structuredMetadata: false,
      line: { reason: '${ event.reason }', count: '${ event.count }' },
    },
    secrets: { bearerToken: 'token-of-the-example' },
    events: [{}, { type: 'Normal', reason: 'Started' }, { count: 2 }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: 'https://vlogs.example.com/insert/loki/api/v1/push?disable_message_parsing=1',
          headers: { authorization: 'Bearer token-of-the-example' },
          body: {
            streams: [
              {
                stream: { ...stream, kind: 'Pod' },
                values: [
                  [time, '{"reason":"BackOff","count":1}'],
                  [time, '{"reason":"BackOff","count":2}'],
                ],
              },
              {
                stream: { ...stream, type: 'Normal', kind: 'Pod' },
                values: [[time, '{"reason":"Started","count":1}']],
              },
            ],
          },
        },
        reply: stored,
      },
    ],
    outcomes: [delivered, delivered, delivered],
  },
  said(
    'waits where the tenant is over its rate',
    429,
    "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '1' lines totaling '40' bytes",
    { status: 'retry', code: 'rate_limited' },
  ),
  said(
    'waits where one stream is over its rate',
    429,
    `Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{cluster="prod"}' totaling 40B`,
    { status: 'retry', code: 'stream_rate_limited' },
  ),
  said(
    'waits longer where there are too many streams',
    429,
    `Maximum active stream limit exceeded when trying to create stream {cluster="prod"}, user: 'fake'`,
    { status: 'retry', code: 'stream_limit', afterMs: 300_000 },
  ),
  said(
    'does not take a blocked tenant for a success',
    260,
    "ingestion blocked for user fake until '2026-11-24T00:00:00Z' with status code '260'",
    { status: 'retry', code: 'ingestion_blocked', afterMs: 600_000 },
  ),
  said(
    'rejects an event that is too old',
    400,
    `entry for stream '{cluster="prod"}' has timestamp too old: 2026-11-23T07:59:30Z, oldest acceptable timestamp is: 2026-11-24T00:00:00Z`,
    { status: 'rejected', scope: 'event', code: 'too_old' },
  ),
  said(
    'rejects an event that is too far behind its stream',
    400,
    "entry with timestamp 2026-11-23 07:59:30 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-23T07:59:30Z, oldest acceptable timestamp is: 2026-11-23T09:00:00Z', user 'fake', total ignored: 1 out of 1",
    { status: 'rejected', scope: 'event', code: 'too_far_behind' },
  ),
  said(
    'rejects an event from the future',
    400,
    `entry for stream '{cluster="prod"}' has timestamp too new: 2026-11-23T07:59:30Z`,
    { status: 'rejected', scope: 'event', code: 'too_new' },
  ),
  said(
    'rejects an event whose line is too long',
    400,
    `Max entry size '30' bytes exceeded for stream '{cluster="prod"}' while adding an entry with length '40' bytes`,
    { status: 'rejected', scope: 'event', code: 'line_too_long' },
  ),
  said(
    'rejects an event whose structured metadata is too large',
    400,
    `stream '{cluster="prod"}' has structured metadata too large: '2000' bytes, limit: '1000' bytes.`,
    { status: 'rejected', scope: 'event', code: 'metadata_refused' },
  ),
  said(
    'rejects an event with a label that is too long',
    400,
    `stream '{cluster="prod"}' has label value too long: 'payments'`,
    { status: 'rejected', scope: 'event', code: 'label_value_too_long' },
  ),
  said('rejects where the tenant is missing', 401, 'no org id', {
    status: 'rejected',
    scope: 'destination',
    code: 'tenant_missing',
  }),
  said(
    'rejects where structured metadata is not allowed',
    400,
    `stream '{cluster="prod"}' includes structured metadata, but this feature is disallowed.`,
    { status: 'rejected', scope: 'destination', code: 'metadata_not_allowed' },
  ),
  said(
    'rejects where the labels are too many',
    400,
    `entry for stream '{cluster="prod"}' has 16 label names; limit 15`,
    { status: 'rejected', scope: 'destination', code: 'labels_refused' },
  ),
  said('rejects where the login is wrong', 401, '{"status":"error","error":"authentication error: invalid token"}', {
    status: 'rejected',
    scope: 'destination',
    code: 'http_401',
  }),
  said('rejects a single event that is too large', 413, 'request entity too large', {
    status: 'rejected',
    scope: 'event',
    code: 'too_large',
  }),
  said('retries on a server error', 500, 'at least 2 live replicas required, could only find 1', {
    status: 'retry',
    code: 'http_500',
  }),
  said('does not take a login page for success', 200, '<html>Sign in</html>', {
    status: 'retry',
    code: 'unexpected_reply',
  }),
];

type Refused = Fate extends infer Each
  ? Each extends { readonly detail: string }
    ? Omit<Each, 'detail'>
    : never
  : never;

/** One event, and what becomes of it when Loki says this. */
function said(name: string, status: number, body: string, outcome: Refused): SinkCase {
  const exchanges = [{ request, reply: { status, body } }];
  return { name, options, events: [{}], exchanges, outcomes: [{ ...outcome, detail: `HTTP ${status}: ${body}` }] };
}
