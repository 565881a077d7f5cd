import type { SinkCase } from '../../core/contract/case.ts';
import { delivered, rejected, retry, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext, sampleKubeEvent } from '../../core/contract/sample.ts';

const options = { host: 'postgres.example.com', database: 'events', username: 'kube_courier', tls: true };
const secrets = { password: 'invented-password' };

const sql =
  'INSERT INTO "kube_events" AS kept (event_key, cluster, event_uid, event_name, resource_version, api_version, kind, namespace, ' +
  'name, object_uid, field_path, type, severity, reason, action, message, count, component, host, first_seen, last_seen, seen_at, ' +
  'owner_kind, owner_name, owner_guessed, node, labels, annotations, namespace_labels, namespace_annotations, event) ' +
  'SELECT event_key, cluster, event_uid, event_name, resource_version, api_version, kind, namespace, name, object_uid, field_path, ' +
  'type, severity, reason, action, message, count, component, host, first_seen, last_seen, seen_at, owner_kind, owner_name, ' +
  'owner_guessed, node, labels, annotations, namespace_labels, namespace_annotations, event ' +
  'FROM jsonb_to_recordset($1::jsonb) AS rows(event_key text, cluster text, event_uid text, event_name text, ' +
  'resource_version bigint, api_version text, kind text, namespace text, name text, object_uid text, field_path text, type text, ' +
  'severity text, reason text, action text, message text, count integer, component text, host text, first_seen timestamptz, ' +
  'last_seen timestamptz, seen_at timestamptz, owner_kind text, owner_name text, owner_guessed boolean, node text, labels jsonb, ' +
  'annotations jsonb, namespace_labels jsonb, namespace_annotations jsonb, event jsonb) ON CONFLICT DO NOTHING';

const row = {
  event_key: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
  cluster: 'prod',
  event_uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
  event_name: 'api-7d9f.17ab3c',
  resource_version: '184467',
  api_version: 'v1',
  kind: 'Pod',
  namespace: 'payments',
  name: 'api-7d9f',
  object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
  field_path: 'spec.containers{api}',
  type: 'Warning',
  severity: 'warning',
  reason: 'BackOff',
  action: '',
  message: 'Back-off restarting failed container api',
  count: 1,
  component: 'kubelet',
  host: 'node-1',
  first_seen: '2026-11-23T07:55:00.000Z',
  last_seen: '2026-11-23T07:59:30.000Z',
  seen_at: '2026-11-23T07:59:31.000Z',
  owner_kind: 'Deployment',
  owner_name: 'api',
  owner_guessed: false,
  node: 'node-1',
  labels: { app: 'api' },
  annotations: {},
  namespace_labels: { team: 'payments' },
  namespace_annotations: {},
  event: sampleKubeEvent,
};

const withMessage = (message: string): object => ({ ...row, message, event: { ...sampleKubeEvent, message } });
const insert = (...rows: readonly object[]): object => ({ sql, values: [JSON.stringify(rows)] });

function refusal(name: string, code: string, message: string, outcome: Fate): SinkCase {
  return {
    name,
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'execute', args: [insert(row)], throws: { ...(code !== '' && { code }), message } }],
    outcomes: [outcome],
  };
}

const tooLong = { code: '23514', message: 'new row violates check constraint "short"', constraint: 'short' };

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one row per event',
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'execute', args: [insert(row)] }],
    outcomes: [delivered],
  },
  {
    name: 'isolates the event that the table refuses',
    options,
    secrets,
    events: [{}, { message: 'long' }],
    context: sampleContext,
    calls: [
      { method: 'execute', args: [insert(row, withMessage('long'))], throws: tooLong },
      { method: 'execute', args: [insert(row)] },
      { method: 'execute', args: [insert(withMessage('long'))], throws: tooLong },
    ],
    outcomes: [delivered, rejected('event', 'constraint_violated', '23514, constraint short')],
  },
  refusal(
    'rejects the destination on a wrong password',
    '28P01',
    'password authentication failed for user "kube_courier"',
    rejected('destination', 'authentication_failed', '28P01: password authentication failed for user "kube_courier"'),
  ),
  refusal(
    'says that the table is missing',
    '42P01',
    'relation "kube_events" does not exist',
    rejected('destination', 'table_missing', '42P01: relation "kube_events" does not exist'),
  ),
  refusal(
    'says that the server does not speak TLS',
    '',
    'The server does not support SSL connections',
    rejected('destination', 'tls_unsupported', 'the server does not support TLS connections'),
  ),
  refusal(
    'retries while the server has no connection left',
    '53300',
    'sorry, too many clients already',
    retry('too_many_connections', '53300: sorry, too many clients already'),
  ),
  refusal('retries after a deadlock', '40P01', 'deadlock detected', retry('conflict', '40P01: deadlock detected')),
  refusal(
    'retries when the connection breaks',
    '',
    'Connection terminated unexpectedly',
    retry('connection_lost', 'the server closed the connection'),
  ),
];
