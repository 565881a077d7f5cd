import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { regionField } from '../../core/kit/aws/region.ts';
import { wireTlsField } from '../../core/kit/endpoint.ts';

const identifier = () =>
  z.string().check(z.regex(/^[A-Za-z0-9_$-]{1,63}$/, 'expected up to 63 letters, digits, _, $ and -'));

export const config = defineConfig({
  type: 'postgres',
  title: 'PostgreSQL',
  titleZh: 'PostgreSQL、RDS、Aurora',
  chat: false,
  options: z.strictObject({
    host: field(
      z.string().check(z.regex(/^[A-Za-z0-9._:-]{1,255}$/, 'expected a host name')),
      'The host name of the server; with TLS the certificate must bear it.',
      'postgres.example.com',
    ),
    port: field(z._default(z.int().check(z.gte(1), z.lte(65_535)), 5432), 'The port.', 5433),
    database: field(identifier(), 'The database.', 'events'),
    table: field(
      z._default(
        z
          .string()
          .check(
            z.regex(
              /^([A-Za-z0-9_$-]{1,63}\.)?[A-Za-z0-9_$-]{1,63}$/,
              'expected up to 63 letters, digits, _, $ and -, after a schema and a dot if need be',
            ),
          ),
        'kube_events',
      ),
      'The table, with its schema where it is not on the search path. Upper and lower case are told apart.',
      'monitoring.kube_events',
    ),
    mode: field(
      z._default(z.enum(['history', 'latest']), 'history'),
      'history: a row for every version of an event; latest: one row per event, kept at its newest version.',
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
      meaning: 'The server refused the user or the password, or no line of its pg_hba.conf allows this login.',
      advice:
        'Check username and password; for rds-iam the rds-db:connect permission and the role rds_iam of the user. A server may also demand TLS: set tls to true.',
    },
    permission_denied: {
      status: 'rejected',
      meaning: 'The user may not use the database or the schema, or may not insert into the table.',
      advice: 'GRANT SELECT, INSERT on the table to the user, in mode latest UPDATE too.',
    },
    database_missing: {
      status: 'rejected',
      meaning: 'The database does not exist.',
      advice: 'Create it, or correct its name. Then replay the dead letters.',
    },
    table_missing: {
      status: 'rejected',
      meaning: 'The table or its schema does not exist.',
      advice: 'Create it with schema.sql, or correct its name. Then replay the dead letters.',
    },
    table_mismatch: {
      status: 'rejected',
      meaning: 'The table has other columns or keys than those of schema.sql.',
      advice: 'Create the table with schema.sql. Mode latest needs event_key as a unique key.',
    },
    partition_missing: {
      status: 'rejected',
      meaning: 'The table is partitioned and has no partition for the time of an event.',
      advice: 'Create a default partition, then replay the dead letters.',
    },
    protocol_refused: {
      status: 'rejected',
      meaning: 'A pooler before the server refused a startup parameter or the version of the protocol.',
      advice: 'See the detail; set ignore_startup_parameters of PgBouncer to lock_timeout, statement_timeout.',
    },
    tls_unsupported: {
      status: 'rejected',
      meaning: 'The server does not speak TLS.',
      advice: 'Turn TLS on there, or set tls to false.',
    },
    data_too_long: {
      status: 'rejected',
      meaning: 'A value of the event does not fit into its column.',
      advice: 'Widen the column that the detail names to text, then replay.',
    },
    invalid_value: {
      status: 'rejected',
      meaning: 'A value of the event cannot be stored in its column.',
      advice: 'See the detail; the table should be as in schema.sql, in a database with the encoding UTF8.',
    },
    constraint_violated: {
      status: 'rejected',
      meaning: 'A constraint or trigger of the table refuses the event.',
      advice: 'Look at the constraint that the detail names.',
    },
    duplicate_key: {
      status: 'rejected',
      meaning: 'A unique key other than that of event_key already has the value of another event.',
      advice: 'Drop the key that the detail names: event_key is unique enough.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'The event is larger than PostgreSQL can store, such as a key of more than 2,704 bytes.',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    conflict: {
      status: 'retry',
      meaning: 'Another transaction held a lock on the same rows or the table.',
      advice: 'Passes by itself; lower maxConcurrency if it happens often.',
    },
    too_many_connections: {
      status: 'retry',
      meaning: 'The server, the database or the user has no connection left.',
      advice: 'Raise max_connections, lower maxConcurrency, or put a proxy in front.',
    },
    read_only: {
      status: 'retry',
      meaning: 'The server is read-only, as a replica or during a failover.',
      advice: 'If it stays so, host names a reader: use the writer endpoint.',
    },
    server_full: {
      status: 'retry',
      meaning: 'The disk or the memory of the server is full.',
      advice: 'Make room; events wait meanwhile.',
    },
    server_error: {
      status: 'retry',
      meaning: 'The server answered with another error, named in the detail.',
      advice: 'See the detail and the log of the server.',
    },
  },
});
