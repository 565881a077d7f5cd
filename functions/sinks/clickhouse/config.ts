import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';

const identifier = () =>
  z.string().check(z.regex(/^[A-Za-z0-9_$.-]{1,128}$/, 'expected up to 128 letters, digits, _, $, . and -'));

export const config = defineConfig({
  type: 'clickhouse',
  title: 'ClickHouse',
  chat: false,
  options: z.strictObject({
    endpoint: field(
      endpointUrl(),
      'The HTTP interface: port 8443 with TLS, 8123 without.',
      'https://clickhouse.example.com:8443',
    ),
    database: field(z._default(identifier(), 'default'), 'The database.', 'events'),
    table: field(z._default(identifier(), 'kube_events'), 'The table.', 'k8s_events'),
    username: field(
      z._default(z.string().check(z.regex(/^[^:\p{Cc}]+$/u, 'expected a name without a colon')), 'default'),
      'The user.',
      'kube_courier',
    ),
    tls: tlsField(),
  }),
  secrets: z.strictObject({
    password: field(z.optional(secret()), 'The password; none where the user has none.', 'invented-password'),
  }),
  // Each INSERT makes a part that has to be merged: fewer and larger ones.
  runtime: { windowSeconds: 15, maxConcurrency: 5 },
  codes: {
    authentication_failed: {
      status: 'rejected',
      meaning: 'The server does not know the user, or the password is wrong.',
      advice: 'Check username and password. Then replay the dead letters.',
    },
    permission_denied: {
      status: 'rejected',
      meaning: 'The user may not insert into the table, or not use the database.',
      advice: 'GRANT INSERT on the table to the user.',
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
      meaning: 'The table lacks a column that the sink writes, or what is there is no table for rows.',
      advice: 'Create the table with schema.sql, or add the column that the detail names.',
    },
    setting_refused: {
      status: 'rejected',
      meaning:
        'The server is too old for a setting of the request, or the profile of the user is read-only or constrained.',
      advice: 'Let the user change the settings that the README lists.',
    },
    invalid_value: {
      status: 'rejected',
      meaning: 'A value of the event cannot be stored in its column.',
      advice: 'See the detail; the columns should have the types of schema.sql.',
    },
    constraint_violated: {
      status: 'rejected',
      meaning: 'A constraint of the table refuses the event.',
      advice: 'Look at the constraints of the table.',
    },
    too_many_partitions: {
      status: 'rejected',
      meaning: 'The events of a batch belong to more partitions than one INSERT may have; the batch is split.',
      advice: 'Partition the table by month, as schema.sql does.',
    },
    quota_exceeded: {
      status: 'retry',
      meaning: 'The quota of the user is used up.',
      advice: 'Raise it, or filter more.',
    },
    overloaded: {
      status: 'retry',
      meaning: 'Too many queries, too many parts to merge, or no memory left.',
      advice: 'Nothing, unless it lasts: then lower maxConcurrency or raise windowSeconds.',
    },
    read_only: {
      status: 'retry',
      meaning: 'The table is read-only, usually because its replica has lost the Keeper.',
      advice: 'If it lasts, look at system.replicas.',
    },
    server_full: {
      status: 'retry',
      meaning: 'The disk of the server is full.',
      advice: 'Make room; events wait meanwhile.',
    },
    unavailable: {
      status: 'retry',
      meaning: 'Replicas or the Keeper could not be reached, or it is unknown whether the rows were stored.',
      advice: 'Nothing: a repeat stores nothing twice.',
    },
    server_error: {
      status: 'retry',
      meaning: 'The server answered with another error, named in the detail.',
      advice: 'See the detail and the log of the server.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not one of ClickHouse.',
      advice: 'Check that `endpoint` leads to the HTTP interface and not to a proxy or a login page.',
    },
  },
});
