import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import type { Alert } from './alert.ts';

const options = { endpoint: 'http://alertmanager.example:9093' };
const request = { method: 'POST', url: 'http://alertmanager.example:9093/api/v2/alerts' };
const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
const taken = { status: 200, body: '' };

export const messages: SinkMessages<readonly Alert[]> = {
  title: 'Alerts in Alertmanager',
  variants: [
    {
      name: 'English',
      options: { ...options, links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' } },
    },
    { name: '中文', options: { ...options, language: 'zh' } },
  ],
  texts: (alerts) => [{ text: alerts.map(textOf).join('\n\n') }],
};

function textOf({ labels, annotations, startsAt = '', endsAt, generatorURL = '' }: Alert): string {
  const known = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const times = Object.entries({ startsAt, endsAt, generatorURL }).filter(([, value]) => value !== '');
  const lines = [...Object.entries(annotations), ...times].map(([name, value]) => `${name}: ${value}`);
  return [`{${known.join(', ')}}`, ...lines].join('\n');
}

export const cases: readonly SinkCase[] = [
  {
    name: 'sends an alert with all that helps',
    options: {
      ...options,
      labels: { team: 'platform' },
      links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' },
    },
    events: [{ count: 12 }],
    context: { owner: { kind: 'Deployment', name: 'api' }, node: 'node-1' },
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json' },
          body: [
            {
              labels: {
                team: 'platform',
                alertname: 'BackOff',
                cluster: 'prod',
                namespace: 'payments',
                kind: 'Deployment',
                name: 'api',
                severity: 'critical',
                source: 'kube-courier',
              },
              annotations: {
                summary: '[prod] BackOff · Pod payments/api-7d9f',
                description: 'Back-off restarting failed container api',
                hint: 'The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
                commands:
                  'kubectl -n payments describe pod/api-7d9f\nkubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
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
                links: 'Logs: https://logs.example.com/?pod=api-7d9f',
              },
              startsAt: '2026-11-23T07:55:00.000Z',
              endsAt: '2026-11-23T08:59:30.000Z',
              generatorURL: 'https://logs.example.com/?pod=api-7d9f',
            },
          ],
        },
        reply: taken,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'resolves the alert of a node that is back',
    options: { ...options, username: 'courier' },
    secrets: { password: 'correct horse' },
    events: [{ reason: 'NodeReady', type: 'Normal', involvedObject: node, message: 'Node node-1 is ready' }],
    exchanges: [
      {
        request: {
          ...request,
          headers: { authorization: 'Basic Y291cmllcjpjb3JyZWN0IGhvcnNl' },
          body: [
            {
              labels: {
                alertname: 'NodeNotReady',
                cluster: 'prod',
                kind: 'Node',
                name: 'node-1',
                severity: 'critical',
                source: 'kube-courier',
              },
              annotations: {
                summary: '[prod] NodeReady · Node node-1',
                description: 'Node node-1 is ready',
                commands: 'kubectl describe node/node-1',
                cluster: 'prod',
                kind: 'Node',
                name: 'node-1',
                reason: 'NodeReady',
                count: '1',
                firstSeen: '2026-11-23T07:55:00.000Z',
                lastSeen: '2026-11-23T07:59:30.000Z',
                source: 'kubelet on node-1',
                event: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
              },
              endsAt: '2026-11-23T07:59:30.000Z',
            },
          ],
        },
        reply: taken,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'sends a token to a proxy',
    options,
    secrets: { bearerToken: 'eyJhbGciOiJSUzI1NiJ9' },
    events: [{}],
    exchanges: [{ request: { ...request, headers: { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9' } }, reply: taken }],
    outcomes: [delivered],
  },
  ...[400, 422].map((status) =>
    refusal(
      `rejects an event whose alert is refused alone with ${status}`,
      { status, body: { code: status, message: 'start time must be before end time' } },
      {
        status: 'rejected',
        scope: 'event',
        code: 'alert_refused',
        detail: `HTTP ${status}: {"code":${status},"message":"start time must be before end time"}`,
      },
    ),
  ),
  ...[401, 403, 404, 405, 410, 415].map((status) =>
    refusal(
      `rejects where the address or the credential is wrong, with ${status}`,
      { status, body: '' },
      { status: 'rejected', scope: 'destination', code: `http_${status}`, detail: `HTTP ${status}` },
    ),
  ),
  refusal(
    'waits for as long as a proxy says',
    { status: 429, headers: { 'retry-after': '20' }, body: '' },
    { status: 'retry', code: 'http_429', detail: 'HTTP 429', afterMs: 20_000 },
  ),
  refusal(
    'retries on a server error',
    { status: 500, body: '' },
    { status: 'retry', code: 'http_500', detail: 'HTTP 500' },
  ),
];

function refusal(
  name: string,
  reply: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown },
  outcome: Fate,
): SinkCase {
  return { name, options, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
