import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { regionField } from '../../core/kit/aws/region.ts';
import { wireTlsField } from '../../core/kit/endpoint.ts';

const identifier = () =>
  z.string().check(z.regex(/^[A-Za-z0-9_$-]{1,64}$/, 'expected up to 64 letters, digits, _, $ and -'));

export const config = defineConfig({
  type: 'mysql',
  title: 'MySQL',
  titleZh: 'MySQL、MariaDB、RDS、Aurora',
  chat: false,
  options: z.strictObject({
    host: field(
      z.string().check(z.regex(/^[A-Za-z0-9._:-]{1,255}$/, 'expected a host name')),
      'The host name of the server; with TLS the certificate must bear it.',
      'mysql.example.com',
    ),
    port: field(z._default(z.int().check(z.gte(1), z.lte(65_535)), 3306), 'The port.', 3307),
    database: field(identifier(), 'The database.', 'events'),
    table: field(
      z.optional(identifier()),
      'The table; by default kube_events, or kube_event in layout legacy.',
      'kube_events',
    ),
    layout: field(
      z._default(z.enum(['standard', 'legacy']), 'standard'),
      "The columns of the table: those of schema.sql, or the nine text columns of kube-eventer's table.",
      'legacy',
    ),
    mode: field(
      z._default(z.enum(['history', 'latest']), 'history'),
      'history: a row for every version of an event; latest: one row per event, kept at its newest version. Not for layout legacy.',
      'latest',
    ),
    auth: field(
      z._default(z.enum(['password', 'rds-iam']), 'password'),
      'How to log in: with a password, or with the IAM role of the function at Amazon RDS or Aurora.',
      'rds-iam',
    ),
    username: field(z.string().check(z.minLength(1)), 'The user.', 'kube_courier'),
    region: regionField('The AWS region of the server for rds-iam; by default the one of the function.'),
    tls: wireTlsField(
      "true, or settings beyond the system trust store, to which Amazon RDS' authorities are added for its hosts. rds-iam turns TLS on by itself.",
    ),
  }),
  secrets: z.strictObject({
    password: field(z.optional(secret()), 'The password; none where the user has none.', 'invented-password'),
  }),
  // One connection and one statement per invocation: more rows at a time, not more connections.
  runtime: { windowSeconds: 15, maxConcurrency: 5 },
  codes: {
    authentication_failed: {
      status: 'rejected',
      meaning: 'The server refused the user or the password, or demands a way to log in that is not allowed here.',
      advice:
        'Check username and password; for rds-iam the rds-db:connect permission and the IAM plugin of the user. A server may also demand TLS of this user.',
    },
    permission_denied: {
      status: 'rejected',
      meaning: 'The user may not use the database or insert into the table.',
      advice: 'GRANT INSERT, UPDATE, SELECT on the table to the user.',
    },
    host_not_allowed: {
      status: 'rejected',
      meaning: 'The server accepts no connections from the address of the function.',
      advice: 'Allow the address for this user.',
    },
    tls_required: {
      status: 'rejected',
      meaning: 'The server accepts connections with TLS only.',
      advice: 'Set tls to true.',
    },
    database_missing: {
      status: 'rejected',
      meaning: 'The database does not exist.',
      advice: 'Create it, or correct its name. Then replay the dead letters.',
    },
    table_missing: {
      status: 'rejected',
      meaning: 'The table does not exist.',
      advice: 'Create it with schema.sql, or correct its name. Then replay the dead letters.',
    },
    table_mismatch: {
      status: 'rejected',
      meaning: 'The table has other columns than the layout writes.',
      advice:
        "Create the table with schema.sql, add to an older one the columns that the README lists, or set layout to legacy for kube-eventer's table.",
    },
    data_too_long: {
      status: 'rejected',
      meaning: 'A value of the event does not fit into its column.',
      advice: 'Widen the column that the detail names, then replay.',
    },
    invalid_value: {
      status: 'rejected',
      meaning:
        'A value of the event cannot be stored in its column, or a constraint or trigger of the table refuses it.',
      advice: 'See the detail; the table should be utf8mb4 and as in schema.sql.',
    },
    packet_too_large: {
      status: 'rejected',
      meaning: 'One event alone is larger than max_allowed_packet.',
      advice: 'Raise max_allowed_packet to 1 MiB at least, then replay.',
    },
    duplicate_key: {
      status: 'rejected',
      meaning: 'A unique key other than that of event_key already has the value of another event.',
      advice: 'Drop the key that the detail names: event_key is unique enough.',
    },
    deadlock: {
      status: 'retry',
      meaning: 'Another transaction held a lock on the same rows.',
      advice: 'Passes by itself; lower maxConcurrency if it happens often.',
    },
    too_many_connections: {
      status: 'retry',
      meaning: 'The server or the user has no connection left.',
      advice: 'Raise max_connections, lower maxConcurrency, or put a proxy in front.',
    },
    read_only: {
      status: 'retry',
      meaning: 'The server is read-only, as a replica or during a failover.',
      advice: 'If it stays so, host names a reader: use the writer endpoint.',
    },
    server_full: {
      status: 'retry',
      meaning: 'The disk, the table space or a quota is full.',
      advice: 'Make room; events wait meanwhile.',
    },
    server_error: {
      status: 'retry',
      meaning: 'The server answered with another error, named in the detail.',
      advice: 'See the detail and the log of the server.',
    },
  },
});
