import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';
import { tagNames } from './point.ts';

/** A measurement starting with an underscore or a number sign has a meaning of its own. */
const measurement = () =>
  z.string().check(z.regex(/^[^_#\p{Cc}\\][^\p{Cc}\\]*$/u, 'expected a name without line breaks and backslashes'));

const options = z
  .strictObject({
    endpoint: field(
      endpointUrl(),
      'URL of the server, without the path of the API.',
      'http://influxdb.example.com:8086',
    ),
    api: field(
      z._default(z.enum(['v1', 'v2', 'v3']), 'v2'),
      'The write API: v1 (/write: InfluxDB 1), v2 (/api/v2/write: InfluxDB 2 and Cloud), v3 (/api/v3/write_lp: InfluxDB 3).',
      'v3',
    ),
    database: field(z.optional(z.string()), 'The database, for the APIs v1 and v3.', 'k8s'),
    retentionPolicy: field(
      z.optional(z.string()),
      "The retention policy, for the API v1. By default the database's own default.",
      'autogen',
    ),
    org: field(z.optional(z.string()), 'The organization by name or id, for the API v2.', 'acme'),
    bucket: field(z.optional(z.string()), 'The bucket, for the API v2.', 'kubernetes'),
    username: field(z.optional(z.string()), 'User for the API v1; the password is a secret.', 'courier'),
    measurement: field(
      z.optional(measurement()),
      'The measurement (table). By default kubernetes_events, or the one that kube-eventer uses in its layout.',
      'kubernetes_events',
    ),
    tags: field(
      z._default(z.array(z.enum(tagNames)), ['cluster', 'namespace', 'kind', 'type', 'reason', 'component']),
      'What becomes a tag, that is indexed; the rest are fields. Each combination of tags is a series, so names and uids make for many. InfluxDB 3 cannot change the tags of a table that exists.',
      ['cluster', 'namespace', 'type', 'reason'],
    ),
    layout: field(
      z._default(z.enum(['event', 'kube-eventer', 'kube-eventer-fields']), 'event'),
      'The points: event is the one shown below; the others have the tags and fields that kube-eventer writes, without or with withfields.',
      'kube-eventer-fields',
    ),
    tls: tlsField(),
  })
  .check(
    z.refine((value) => value.api === 'v2' || value.database !== undefined, {
      path: ['database'],
      error: 'is missing: the APIs v1 and v3 need it',
    }),
    z.refine((value) => value.api !== 'v2' || value.bucket !== undefined, {
      path: ['bucket'],
      error: 'is missing: the API v2 needs it',
    }),
  );

const secrets = z
  .strictObject({
    token: field(z.optional(secret()), 'API token that may write.', 'my-token=='),
    password: field(z.optional(secret()), 'Password of the user in the option username.', 'correct horse'),
  })
  .check(z.refine(({ token, password }) => !(token && password), 'expected only one of token and password'));

export type InfluxdbOptions = z.infer<typeof options>;
export type InfluxdbSecrets = z.infer<typeof secrets>;

export const config = defineConfig({
  type: 'influxdb',
  title: 'InfluxDB',
  chat: false,
  options,
  secrets,
  runtime: { windowSeconds: 15 },
  codes: {
    wrong_credentials: {
      status: 'rejected',
      meaning: 'The token, or the user and password, were not accepted (HTTP 401).',
      advice: 'Put a valid token or password into the secret document.',
    },
    forbidden: {
      status: 'rejected',
      meaning: 'The credential is valid but may not write there (HTTP 403).',
      advice: 'Grant it write access to the database or bucket.',
    },
    database_not_found: {
      status: 'rejected',
      meaning: 'The database does not exist.',
      advice: 'Create it (CREATE DATABASE) or correct the option database.',
    },
    retention_policy_not_found: {
      status: 'rejected',
      meaning: 'The retention policy does not exist; InfluxDB 1 says so with a server error.',
      advice: 'Create it or correct the option retentionPolicy.',
    },
    bucket_not_found: {
      status: 'rejected',
      meaning: 'The bucket or the organization does not exist.',
      advice: 'Create it or correct the options org and bucket.',
    },
    api_not_found: {
      status: 'rejected',
      meaning: 'The server does not know the write API.',
      advice: 'Choose another api, and check that the endpoint has no path of its own.',
    },
    line_rejected: {
      status: 'rejected',
      meaning: 'The server could not read the point, or refused it for a reason that the detail gives.',
      advice: 'Read the detail.',
    },
    field_conflict: {
      status: 'rejected',
      meaning: 'A field or tag exists in the measurement with another type or as the other kind.',
      advice: 'Write into another measurement, or restore the tags the table was made with.',
    },
    beyond_retention: {
      status: 'rejected',
      meaning: 'The event is older than the database or bucket keeps data.',
      advice: 'Nothing, or lengthen the retention and replay.',
    },
    series_limit: {
      status: 'rejected',
      meaning: "The server's limit of series or tag values is reached.",
      advice: 'Use fewer tags, or raise the limit, then replay.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'A single event is larger than the server takes in one request (HTTP 413).',
      advice: "Raise the server's limit for request bodies.",
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of a write: the API answers 204.',
      advice: 'Check that the endpoint is that of InfluxDB, not of a login page.',
    },
  },
});
