import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { LIMITS, type AlertRequest } from './alert.ts';

const secrets = { apiKey: '7c2b6c1e-0d4f-4b58-9c1a-2f3e4d5c6b7a' };
const JSM = 'https://api.atlassian.com/jsm/ops/integration/v2/alerts';
const request = { method: 'POST', url: JSM };
const accepted = {
  status: 202,
  body: { result: 'Request will be processed', took: 0.107, requestId: '43a29c5c-3dbf-4fa4-9c26-f4f71023e120' },
};
const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };

export const messages: SinkMessages<AlertRequest> = {
  title: 'Alerts in Jira Service Management and Opsgenie',
  variants: [
    { name: 'English', options: { links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' } } },
    { name: '中文', options: { language: 'zh' } },
  ],
  texts(alert) {
    if (alert.action === 'close') return [{ text: `close ${alert.alias}\n${alert.body.note}` }];
    const { message, alias, description = '', priority, details } = alert.body;
    const lines = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
    return [
      { text: [`${priority} ${message}`, `alias ${alias}`, '', description, '', ...lines].join('\n') },
      { text: message, limit: { max: LIMITS.message, unit: 'utf16' } },
      { text: description, limit: { max: LIMITS.description, unit: 'utf16' } },
    ];
  },
};

export const cases: readonly SinkCase[] = [
  {
    name: 'creates an alert with all that helps',
    options: {
      responders: [{ type: 'team', id: '4513b7ea-3b91-438f-b7e4-e3e54af9147c' }],
      tags: ['kubernetes'],
      links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' },
    },
    secrets,
    events: [{ count: 12 }],
    context: { owner: { kind: 'Deployment', name: 'api' }, node: 'node-1' },
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json', authorization: `GenieKey ${secrets.apiKey}` },
          body: {
            message: '[prod] BackOff · Pod payments/api-7d9f',
            alias: 'prod: BackOff of Deployment payments:api',
            description: [
              'Back-off restarting failed container api',
              'The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
              'kubectl -n payments describe pod/api-7d9f\nkubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
              'Logs: https://logs.example.com/?pod=api-7d9f',
            ].join('\n\n'),
            entity: 'Deployment payments/api',
            source: 'kube-courier',
            priority: 'P1',
            details: {
              cluster: 'prod',
              namespace: 'payments',
              kind: 'Pod',
              name: 'api-7d9f',
              owner: 'Deployment api',
              container: 'api',
              node: 'node-1',
              reason: 'BackOff',
              count: '12',
              firstSeen: '2026-11-23T07:55:00.000Z',
              lastSeen: '2026-11-23T07:59:30.000Z',
              source: 'kubelet on node-1',
              event: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
            },
            tags: ['kubernetes'],
            responders: [{ type: 'team', id: '4513b7ea-3b91-438f-b7e4-e3e54af9147c' }],
          },
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'closes the alert of a node that is back',
    options: { endpoint: 'https://api.eu.opsgenie.com/' },
    secrets,
    events: [
      {
        reason: 'NodeReady',
        type: 'Normal',
        involvedObject: node,
        message: 'Node node-1 status is now: NodeReady',
      },
    ],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: 'https://api.eu.opsgenie.com/v2/alerts/prod%3A%20NodeNotReady%20of%20Node%20node-1/close?identifierType=alias',
          headers: { authorization: `GenieKey ${secrets.apiKey}` },
          body: {
            source: 'kube-courier',
            note: '[prod] NodeReady · Node node-1 · Node node-1 status is now: NodeReady',
          },
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'has nothing to close where no alert is open',
    options: {},
    secrets,
    events: [{ reason: 'Scheduled', type: 'Normal' }],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: `${JSM}/prod%3A%20FailedScheduling%20of%20Pod%20payments%3Aapi-7d9f/close?identifierType=alias`,
        },
        reply: { status: 404, body: { message: 'Alert does not exist', took: 0.002, requestId: '1' } },
      },
    ],
    outcomes: [delivered],
  },
  ...[401, 403].map((status) =>
    refusal(
      `rejects where the key is refused with ${status}`,
      { status, body: { message: 'Could not authenticate', took: 0, requestId: '1' } },
      {
        status: 'rejected',
        scope: 'destination',
        code: 'key_refused',
        detail: `HTTP ${status}: {"message":"Could not authenticate","took":0,"requestId":"1"}`,
      },
    ),
  ),
  refusal(
    'rejects where the plan does not allow it',
    { status: 402, body: '' },
    { status: 'rejected', scope: 'destination', code: 'plan_refused', detail: 'HTTP 402' },
  ),
  ...[404, 405, 410, 415].map((status) =>
    refusal(
      `rejects where the address is wrong, with ${status}`,
      { status, body: '' },
      { status: 'rejected', scope: 'destination', code: `http_${status}`, detail: `HTTP ${status}` },
    ),
  ),
  ...[400, 422].map((status) =>
    refusal(
      `rejects an alert that is refused alone with ${status}`,
      { status, body: { message: 'Request body is not processable', errors: { message: 'too long' } } },
      {
        status: 'rejected',
        scope: 'event',
        code: 'alert_refused',
        detail: `HTTP ${status}: {"message":"Request body is not processable","errors":{"message":"too long"}}`,
      },
    ),
  ),
  refusal(
    'rejects an alert that is too large',
    { status: 413, body: '' },
    { status: 'rejected', scope: 'event', code: 'http_413', detail: 'HTTP 413' },
  ),
  refusal(
    'waits for as long as the account is over its rate',
    { status: 429, headers: { 'x-ratelimit-state': 'THROTTLED', 'x-ratelimit-period-in-sec': '30' }, body: '' },
    { status: 'retry', code: 'throttled', detail: 'HTTP 429', afterMs: 30_000 },
  ),
  refusal(
    'waits a minute where it is not told for how long',
    { status: 429, body: '' },
    { status: 'retry', code: 'throttled', detail: 'HTTP 429', afterMs: 60_000 },
  ),
  ...[500, 503].map((status) =>
    refusal(
      `retries on a server error with ${status}`,
      { status, body: '' },
      { status: 'retry', code: `http_${status}`, detail: `HTTP ${status}` },
    ),
  ),
  refusal(
    'retries where a proxy answers in its place',
    { status: 200, body: '<html>Sign in</html>' },
    { status: 'retry', code: 'unexpected_reply', detail: 'HTTP 200: <html>Sign in</html>' },
  ),
];

function refusal(
  name: string,
  reply: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown },
  outcome: Fate,
): SinkCase {
  return { name, options: {}, secrets, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
