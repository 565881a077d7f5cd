import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext, sampleKubeEvent } from '../../core/contract/sample.ts';

const options = { endpoint: 'https://clickhouse.example.com:8443', database: 'events', username: 'kube_courier' };
const secrets = { password: 'invented-password' };

/** The token is the SHA-256 of the identities as a JSON list. */
const request = (token: string) => ({
  method: 'POST',
  url:
    'https://clickhouse.example.com:8443/?query=INSERT+INTO+%60events%60.%60kube_events%60+FORMAT+JSONEachRow&async_insert=0' +
    '&wait_for_async_insert=1&wait_end_of_query=1&date_time_input_format=best_effort&input_format_skip_unknown_fields=0' +
    `&insert_deduplicate=1&insert_deduplication_token=${token}`,
});
const first = request('6c606b722a47d28ceed6b49e84ccf0c3b36b30d872a402bbfb3c5cf7da2958fb');
const second = request('0db64630d9864599c89fe3c8d72ab13bed6b353c57b72268239f5fbc62f0127a');
const both = request('3d0058d87a13ed97a255a488ca4414e853404bbcf80a5188a65edf3a8844a079');

const row = {
  id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  cluster: 'prod',
  uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
  resource_version: '184467',
  name: 'api-7d9f.17ab3c',
  type: 'Warning',
  severity: 'warning',
  reason: 'BackOff',
  action: '',
  message: 'Back-off restarting failed container api',
  count: 1,
  first_seen: '2026-11-23T07:55:00.000Z',
  last_seen: '2026-11-23T07:59:30.000Z',
  seen_at: '2026-11-23T07:59:31.000Z',
  object_api_version: 'v1',
  object_kind: 'Pod',
  object_namespace: 'payments',
  object_name: 'api-7d9f',
  object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
  object_field_path: 'spec.containers{api}',
  component: 'kubelet',
  host: 'node-1',
  owner_kind: 'Deployment',
  owner_name: 'api',
  owner_guessed: 0,
  node: 'node-1',
  labels: { app: 'api' },
  annotations: {},
  namespace_labels: { team: 'payments' },
  namespace_annotations: {},
  raw: JSON.stringify(sampleKubeEvent),
};

const summary = { 'x-clickhouse-summary': '{"written_rows":"1"}' };

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one row per event',
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          ...first,
          headers: {
            authorization: 'Basic a3ViZV9jb3VyaWVyOmludmVudGVkLXBhc3N3b3Jk',
            'content-type': 'application/x-ndjson',
            'content-encoding': 'gzip',
          },
          body: `${JSON.stringify(row)}\n`,
        },
        reply: { status: 200, headers: summary },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'isolates the event that the table refuses',
    options,
    secrets,
    events: [{}, { metadata: { uid: 'u2', resourceVersion: '2' } }],
    exchanges: [
      { request: both, reply: exception(400, 41, 'CANNOT_PARSE_DATETIME') },
      { request: first, reply: { status: 200, headers: summary } },
      { request: second, reply: exception(400, 41, 'CANNOT_PARSE_DATETIME') },
    ],
    outcomes: [
      delivered,
      { status: 'rejected', scope: 'event', code: 'invalid_value', detail: 'code 41: CANNOT_PARSE_DATETIME' },
    ],
  },
  refusal('rejects the destination on a wrong password', exception(403, 516, 'AUTHENTICATION_FAILED'), {
    status: 'rejected',
    scope: 'destination',
    code: 'authentication_failed',
    detail: 'code 516: Code: 516. DB::Exception: what it says. (AUTHENTICATION_FAILED) (version 26.9.2.1)',
  }),
  refusal('says that the table lacks a column', exception(400, 117, 'INCORRECT_DATA'), {
    status: 'rejected',
    scope: 'destination',
    code: 'table_mismatch',
    detail: 'code 117: INCORRECT_DATA',
  }),
  refusal('waits while there are too many parts', exception(500, 252, 'TOO_MANY_PARTS'), {
    status: 'retry',
    code: 'overloaded',
    detail: 'code 252: TOO_MANY_PARTS',
    afterMs: 30_000,
  }),
  refusal(
    'sees an error after the headers of a 200',
    { ...exception(200, 243, 'NOT_ENOUGH_SPACE'), headers: summary },
    { status: 'retry', code: 'server_full', detail: 'code 243: NOT_ENOUGH_SPACE' },
  ),
  refusal(
    'does not take another answer for success',
    { status: 200, body: '<html>Sign in</html>' },
    { status: 'retry', code: 'unexpected_reply', detail: 'expected the header X-ClickHouse-Summary' },
  ),
  refusal(
    'retries on a server error',
    { status: 502, body: 'Bad Gateway' },
    {
      status: 'retry',
      code: 'http_502',
      detail: 'HTTP 502: Bad Gateway',
    },
  ),
];

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function exception(status: number, code: number, name: string): Reply {
  return {
    status,
    headers: { 'x-clickhouse-exception-code': String(code) },
    body: `Code: ${code}. DB::Exception: what it says. (${name}) (version 26.9.2.1)\n`,
  };
}

function refusal(name: string, reply: Reply, outcome: Fate): SinkCase {
  return { name, options, secrets, events: [{}], exchanges: [{ request: first, reply }], outcomes: [outcome] };
}
