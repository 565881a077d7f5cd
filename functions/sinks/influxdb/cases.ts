import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered } from '../../core/contract/outcome.ts';

const options = { endpoint: 'http://influxdb.example.com:8086', org: 'acme', bucket: 'kubernetes' };
const secrets = { token: 'my-token==' };
const url = 'http://influxdb.example.com:8086/api/v2/write?org=acme&bucket=kubernetes&precision=ns';

const first =
  'kubernetes_events,cluster=prod,component=kubelet,kind=Pod,namespace=payments,reason=BackOff,type=Warning ' +
  'message="Back-off restarting failed container api",count=1i,severity="warning",name="api-7d9f",host="node-1",apiVersion="v1",' +
  'fieldPath="spec.containers{api}",uid="5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11",' +
  'objectUid="9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b",version="184467" 1795420770903248467';

const known =
  'owner="api",ownerKind="Deployment",node="node-1",version="184467",labels="{\\"app\\":\\"api\\"}",' +
  'namespaceLabels="{\\"team\\":\\"payments\\"}"';

const v1 = { endpoint: 'http://influxdb.example.com:8086', api: 'v1', database: 'k8s', retentionPolicy: 'autogen' };
const v1Url = 'http://influxdb.example.com:8086/write?db=k8s&rp=autogen&precision=ns';

const v3 = { endpoint: 'https://influxdb.example.com:8181', api: 'v3', database: 'k8s' };
const v3Url = 'https://influxdb.example.com:8181/api/v3/write_lp?db=k8s&precision=nanosecond&accept_partial=true';

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one point with the API v2',
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    exchanges: [
      {
        request: {
          method: 'POST',
          url,
          headers: { authorization: 'Token my-token==', 'content-encoding': 'gzip' },
          body: first.replace('version="184467"', known),
        },
        reply: { status: 204 },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'writes with the API v1 in the layout of kube-eventer with fields',
    options: { ...v1, layout: 'kube-eventer-fields', username: 'courier' },
    secrets: { password: 'correct horse' },
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: v1Url,
          headers: { authorization: 'Basic Y291cmllcjpjb3JyZWN0IGhvcnNl' },
          body:
            'events,cluster_name=prod,component=kubelet,hostname=node-1,kind=Pod,namespace_name=payments,' +
            'object_name=api-7d9f,pod_id=9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b,reason=BackOff,type=Warning,' +
            'uid=5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11 message="Back-off restarting failed container api" 1795420770903248467',
        },
        reply: { status: 204 },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'takes each line by itself with the API v3',
    options: { ...v3, tags: ['cluster'] },
    secrets,
    events: [{}, { metadata: { uid: 'u2' } }, { metadata: { uid: 'u3' } }],
    exchanges: [
      {
        request: { method: 'POST', url: v3Url, headers: { authorization: 'Bearer my-token==' } },
        reply: {
          status: 400,
          body: {
            error: 'partial write of line protocol occurred',
            data: [
              {
                original_line: 'kubernetes_events,cluster=prod ...',
                line_number: 2,
                error_message:
                  "invalid column type for column 'count', expected iox::column_type::field::string, got iox::column_type::field::integer",
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
        code: 'field_conflict',
        detail:
          'HTTP 400: invalid column type for column ..., expected iox::column_type::field::string, got iox::column_type::field::integer',
      },
      delivered,
    ],
  },
  {
    name: 'halves a batch to find the line that InfluxDB 1 could not take',
    options: v1,
    events: [{}, { metadata: { uid: 'u2' } }],
    exchanges: [
      {
        request: { method: 'POST', url: v1Url },
        reply: {
          status: 400,
          body: {
            error:
              'partial write: field type conflict: input field "count" on measurement "kubernetes_events" is type integer, already exists as type string dropped=1',
          },
        },
      },
      { request: { method: 'POST', url: v1Url, body: first }, reply: { status: 204 } },
      {
        request: { method: 'POST', url: v1Url },
        reply: {
          status: 400,
          body: { error: "partial write: unable to parse 'k8s,a= 1': missing tag value dropped=0" },
        },
      },
    ],
    outcomes: [
      delivered,
      {
        status: 'rejected',
        scope: 'event',
        code: 'line_rejected',
        detail: 'HTTP 400: partial write: unable to parse ...: missing tag value dropped=0',
      },
    ],
  },
  {
    name: 'says that the retention policy is missing, which InfluxDB 1 calls a server error',
    options: v1,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url: v1Url, body: first },
        reply: { status: 500, body: { error: 'retention policy not found: autogen' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'retention_policy_not_found',
        detail: 'HTTP 500: retention policy not found: autogen',
      },
    ],
  },
  {
    name: 'says that the token is wrong',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url, body: first },
        reply: { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'wrong_credentials',
        detail: 'HTTP 401: unauthorized access',
      },
    ],
  },
  {
    name: 'says that the bucket is missing',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url, body: first },
        reply: { status: 404, body: { code: 'not found', message: 'bucket "kubernetes" not found' } },
      },
    ],
    outcomes: [
      {
        status: 'rejected',
        scope: 'destination',
        code: 'bucket_not_found',
        detail: 'HTTP 404: bucket "kubernetes" not found',
      },
    ],
  },
  {
    name: 'waits as long as InfluxDB Cloud asks for',
    options,
    secrets,
    events: [{}],
    exchanges: [
      {
        request: { method: 'POST', url, body: first },
        reply: {
          status: 429,
          headers: { 'retry-after': '120' },
          body: { code: 'too many requests', message: 'org 1 has exceeded limited_write plan limit' },
        },
      },
    ],
    outcomes: [
      {
        status: 'retry',
        code: 'http_429',
        detail: 'HTTP 429: org 1 has exceeded limited_write plan limit',
        afterMs: 120_000,
      },
    ],
  },
  {
    name: 'does not take another answer for success',
    options,
    secrets,
    events: [{}],
    exchanges: [
      { request: { method: 'POST', url, body: first }, reply: { status: 200, body: '<html>Please log in</html>' } },
    ],
    outcomes: [{ status: 'retry', code: 'unexpected_reply', detail: 'expected HTTP 204, got 200' }],
  },
];
