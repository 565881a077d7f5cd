import type { SinkCase, SinkMessages } from '../../core/contract/case.ts';
import { delivered, type Fate } from '../../core/contract/outcome.ts';
import { MAX_SUMMARY_CHARACTERS, type PagerDutyEvent } from './event.ts';

const secrets = { routingKey: 'R0123456789ABCDEF0123456789ABCDE' };
const request = { method: 'POST', url: 'https://events.pagerduty.com/v2/enqueue' };
const accepted = { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: 'x' } };
const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };

export const messages: SinkMessages<PagerDutyEvent> = {
  title: 'Incidents on PagerDuty',
  variants: [
    { name: 'English', options: { links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' } } },
    { name: '中文', options: { language: 'zh' } },
  ],
  texts(event) {
    if (event.event_action === 'resolve') return [{ text: `resolve ${event.dedup_key}` }];
    const { summary, severity, custom_details: details } = event.payload;
    const lines = [
      ...Object.entries(details).map(([name, value]) => `${name}: ${value}`),
      ...event.links.map(({ href, text }) => `link ${text}: ${href}`),
    ];
    return [
      { text: [`${severity}: ${summary}`, `incident ${event.dedup_key}`, ...lines].join('\n') },
      { text: summary, limit: { max: MAX_SUMMARY_CHARACTERS, unit: 'utf16' } },
    ];
  },
};

export const cases: readonly SinkCase[] = [
  {
    name: 'triggers an incident with all that helps',
    options: { links: { Logs: 'https://logs.example.com/?pod=${ event.object.name }' } },
    secrets,
    events: [{ count: 12 }],
    context: { owner: { kind: 'Deployment', name: 'api' }, node: 'node-1' },
    exchanges: [
      {
        request: {
          ...request,
          headers: { 'content-type': 'application/json' },
          body: {
            routing_key: secrets.routingKey,
            event_action: 'trigger',
            dedup_key: 'prod: BackOff of Deployment payments:api',
            client: 'kube-courier',
            payload: {
              summary: '[prod] BackOff · Pod payments/api-7d9f · Back-off restarting failed container api',
              source: 'prod/payments/Pod/api-7d9f',
              severity: 'critical',
              timestamp: '2026-11-23T07:59:30.000Z',
              component: 'api',
              group: 'payments',
              class: 'BackOff',
              custom_details: {
                message: 'Back-off restarting failed container api',
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
              },
            },
            links: [{ href: 'https://logs.example.com/?pod=api-7d9f', text: 'Logs' }],
          },
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'resolves the incident of a node that is back, in one request with what opened it',
    options: {},
    secrets,
    events: [
      { reason: 'NodeNotReady', type: 'Normal', involvedObject: node },
      { reason: 'NodeReady', type: 'Normal', involvedObject: node, lastTimestamp: '2026-11-23T07:59:45Z' },
    ],
    exchanges: [
      {
        request: {
          ...request,
          body: {
            routing_key: secrets.routingKey,
            event_action: 'resolve',
            dedup_key: 'prod: NodeNotReady of Node node-1',
          },
        },
        reply: accepted,
      },
    ],
    outcomes: [delivered, delivered],
  },
  {
    name: 'sends to the EU',
    options: { endpoint: 'https://events.eu.pagerduty.com/' },
    secrets,
    events: [{}],
    exchanges: [{ request: { ...request, url: 'https://events.eu.pagerduty.com/v2/enqueue' }, reply: accepted }],
    outcomes: [delivered],
  },
  refusal(
    'rejects where the integration key is unknown',
    {
      status: 400,
      body: { status: 'invalid event', message: 'Event object is invalid', errors: ["'routing_key' is unknown"] },
    },
    {
      status: 'rejected',
      scope: 'destination',
      code: 'routing_key_refused',
      detail: `HTTP 400: {"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is unknown"]}`,
    },
  ),
  refusal(
    'rejects an event that is refused alone',
    {
      status: 400,
      body: { status: 'invalid event', message: 'Event object is invalid', errors: ["'payload.summary' is too long"] },
    },
    {
      status: 'rejected',
      scope: 'event',
      code: 'event_refused',
      detail: `HTTP 400: {"status":"invalid event","message":"Event object is invalid","errors":["'payload.summary' is too long"]}`,
    },
  ),
  refusal(
    'waits a minute when it is throttled',
    { status: 429, body: '' },
    { status: 'retry', code: 'throttled', detail: 'HTTP 429', afterMs: 60_000 },
  ),
  refusal(
    'rejects where it is not let in',
    { status: 403, body: 'Forbidden' },
    { status: 'rejected', scope: 'destination', code: 'http_403', detail: 'HTTP 403: Forbidden' },
  ),
  refusal(
    'rejects where there is nothing at the address',
    { status: 404, body: '' },
    { status: 'rejected', scope: 'destination', code: 'http_404', detail: 'HTTP 404' },
  ),
  refusal(
    'rejects an event that is too large',
    { status: 413, body: '' },
    { status: 'rejected', scope: 'event', code: 'http_413', detail: 'HTTP 413' },
  ),
  refusal(
    'retries on a server error',
    { status: 500, body: 'Internal Server Error' },
    { status: 'retry', code: 'http_500', detail: 'HTTP 500: Internal Server Error' },
  ),
  refusal(
    'retries where a proxy answers in its place',
    { status: 200, body: '<html>Sign in</html>' },
    { status: 'retry', code: 'unexpected_reply', detail: 'HTTP 200: <html>Sign in</html>' },
  ),
];

function refusal(name: string, reply: { readonly status: number; readonly body: unknown }, outcome: Fate): SinkCase {
  return { name, options: {}, secrets, events: [{}], exchanges: [{ request, reply }], outcomes: [outcome] };
}
