import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered, rejected, retry } from '../../core/contract/outcome.ts';

const options = { host: 'mysql.example.com', database: 'events', username: 'kube_courier' };
const secrets = { password: 'invented-password' };

const statement = {
  sql:
    'INSERT INTO `kube_events` (`event_key`, `cluster`, `event_id`, `event_name`, `api_version`, `kind`, `namespace`, `name`, ' +
    '`object_uid`, `field_path`, `type`, `reason`, `action`, `message`, `count`, `component`, `host`, `first_occurrence_time`, ' +
    '`last_occurrence_time`, `seen_at`, `severity`, `owner_kind`, `owner_name`, `owner_guessed`, `node`, `labels`, `annotations`, ' +
    '`namespace_labels`, `namespace_annotations`, `resource_version`) ' +
    `VALUES (${Array.from({ length: 30 }, () => '?').join(', ')}) ` +
    'ON DUPLICATE KEY UPDATE `event_key` = `event_key`',
  values: [
    'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    'prod',
    '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
    'api-7d9f.17ab3c',
    'v1',
    'Pod',
    'payments',
    'api-7d9f',
    '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
    'spec.containers{api}',
    'Warning',
    'BackOff',
    '',
    'Back-off restarting failed container api',
    1,
    'kubelet',
    'node-1',
    '2026-11-23 07:55:00.000',
    '2026-11-23 07:59:30.000',
    '2026-11-23 07:59:31.000',
    'warning',
    'Deployment',
    'api',
    0,
    'node-1',
    '{"app":"api"}',
    '{}',
    '{"team":"payments"}',
    '{}',
    '184467',
  ],
};

// The nine columns of kube-eventer keep the other examples short.
const legacy = { ...options, layout: 'legacy' };
const row = [
  'payments',
  'Pod',
  'api-7d9f',
  'Warning',
  'BackOff',
  'Back-off restarting failed container api',
  '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
  '2026-11-23 07:55:00 +0000 UTC',
  '2026-11-23 07:59:30 +0000 UTC',
];
const placeholders = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';

function legacyInsert(...rows: readonly (readonly string[])[]): object {
  return {
    sql:
      'INSERT INTO `kube_event` (`namespace`, `kind`, `name`, `type`, `reason`, `message`, `event_id`, `first_occurrence_time`, ' +
      `\`last_occurrence_time\`) VALUES ${rows.map(() => placeholders).join(', ')} ` +
      'ON DUPLICATE KEY UPDATE `namespace` = `namespace`',
    values: rows.flat(),
  };
}

function refusal(code: string, errno: number, message: string): Readonly<Record<string, unknown>> {
  return { code, errno, message };
}

const tooLong = refusal('ER_DATA_TOO_LONG', 1406, "Data too long for column 'message' at row 1");
const missingTable = refusal('ER_NO_SUCH_TABLE', 1146, "Table 'events.kube_event' doesn't exist");
const denied = refusal(
  'ER_ACCESS_DENIED_ERROR',
  1045,
  "Access denied for user 'kube_courier'@'10.0.0.7' (using password: YES)",
);

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one row per event',
    options,
    secrets,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'execute', args: [statement] }],
    outcomes: [delivered],
  },
  {
    name: "writes kube-eventer's columns in layout legacy",
    options: legacy,
    secrets,
    events: [{}, { reason: 'Killing' }],
    calls: [{ method: 'execute', args: [legacyInsert(row, row.with(4, 'Killing'))] }],
    outcomes: [delivered, delivered],
  },
  {
    name: 'isolates the event that the table refuses',
    options: legacy,
    secrets,
    events: [{}, { message: 'long' }],
    calls: [
      { method: 'execute', args: [legacyInsert(row, row.with(5, 'long'))], throws: tooLong },
      { method: 'execute', args: [legacyInsert(row)] },
      { method: 'execute', args: [legacyInsert(row.with(5, 'long'))], throws: tooLong },
    ],
    outcomes: [delivered, rejected('event', 'data_too_long', "ER_DATA_TOO_LONG: column 'message'")],
  },
  {
    name: 'rejects the destination on a wrong password',
    options: legacy,
    secrets,
    events: [{}],
    calls: [{ method: 'execute', args: [legacyInsert(row)], throws: denied }],
    outcomes: [
      rejected(
        'destination',
        'authentication_failed',
        "ER_ACCESS_DENIED_ERROR: Access denied for user 'kube_courier'@'10.0.0.7' (using password: YES)",
      ),
    ],
  },
  {
    name: 'says that the table is missing',
    options: legacy,
    secrets,
    events: [{}],
    calls: [{ method: 'execute', args: [legacyInsert(row)], throws: missingTable }],
    outcomes: [rejected('destination', 'table_missing', "ER_NO_SUCH_TABLE: Table 'events.kube_event' doesn't exist")],
  },
  {
    name: 'retries after a deadlock',
    options: legacy,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'execute',
        args: [legacyInsert(row)],
        throws: refusal('ER_LOCK_DEADLOCK', 1213, 'Deadlock found when trying to get lock'),
      },
    ],
    outcomes: [retry('deadlock', 'ER_LOCK_DEADLOCK: Deadlock found when trying to get lock')],
  },
  {
    name: 'retries when the connection breaks',
    options: legacy,
    secrets,
    events: [{}],
    calls: [
      {
        method: 'execute',
        args: [legacyInsert(row)],
        throws: { code: 'PROTOCOL_CONNECTION_LOST', message: 'Connection lost: The server closed the connection.' },
      },
    ],
    outcomes: [retry('connection_lost', 'the server closed the connection')],
  },
];
