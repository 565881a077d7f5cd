import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { wireTlsField } from '../../core/kit/endpoint.ts';

const connectionString = () =>
  z.string().check(z.regex(/^mongodb(\+srv)?:\/\/./, 'expected mongodb:// or mongodb+srv://'));

export const config = defineConfig({
  type: 'mongo',
  title: 'MongoDB',
  chat: false,
  options: z.strictObject({
    database: field(
      z._default(z.string().check(z.regex(/^[^\s/\\."$*<>:|?\0]{1,63}$/, 'expected a database name')), 'k8s'),
      'The database.',
      'kubernetes',
    ),
    collection: field(
      z._default(z.string().check(z.regex(/^(?!system\.)[^$\0]{1,120}$/, 'expected a collection name')), 'event'),
      'The collection; MongoDB creates it with the first document.',
      'events',
    ),
    mode: field(
      z._default(z.enum(['history', 'latest']), 'history'),
      'history: a document for every version of an event; latest: one document per event, kept at its newest version.',
      'latest',
    ),
    tls: wireTlsField('true, or settings beyond the system trust store; what the URI says about TLS holds without it.'),
  }),
  secrets: z.strictObject({
    uri: field(
      secret(connectionString()),
      'The connection string, with user, password and the options of the driver.',
      'mongodb+srv://kube-courier:invented@cluster.example.com',
    ),
  }),
  runtime: { windowSeconds: 15, maxConcurrency: 5 },
  codes: {
    invalid_uri: {
      status: 'rejected',
      meaning: 'The driver cannot read the connection string.',
      advice: 'Check its syntax and options; special characters in the password must be percent-encoded.',
    },
    authentication_failed: {
      status: 'rejected',
      meaning: 'The server refused the user or the password, or offers no way to log in that the driver knows.',
      advice: 'Check user, password and authSource in the URI.',
    },
    permission_denied: {
      status: 'rejected',
      meaning: 'The user may not write to the collection.',
      advice: 'Grant the user the role readWrite on the database.',
    },
    document_refused: {
      status: 'rejected',
      meaning: 'A validation rule of the collection refuses the document.',
      advice: 'Adapt the validator to the fields in the example, then replay.',
    },
    document_too_large: {
      status: 'rejected',
      meaning: 'The document, or a value that an index holds, is larger than the server allows.',
      advice: 'See which index covers the message, if any.',
    },
    duplicate_key: {
      status: 'rejected',
      meaning: 'A unique index other than that of _id already has the value of another event.',
      advice: 'Drop the index that the detail names: _id is unique enough.',
    },
    not_primary: {
      status: 'retry',
      meaning: 'The server cannot take writes at the moment, as during an election.',
      advice: 'Passes by itself; if not, see to the replica set.',
    },
    write_concern_failed: {
      status: 'retry',
      meaning: 'Written, but not confirmed by as many members as the write concern demands.',
      advice: 'See to the replica set; repeats do no harm.',
    },
    throttled: {
      status: 'retry',
      meaning: 'The service limits the rate of requests.',
      advice: 'Raise its throughput, or lower maxConcurrency.',
    },
    server_full: {
      status: 'retry',
      meaning: 'The space that Atlas gives the cluster is used up.',
      advice: 'Delete old events or take a larger cluster; events wait meanwhile.',
    },
    no_server: {
      status: 'retry',
      meaning: 'No server that takes writes was found in time.',
      advice: 'Check the hosts in the URI, the replica set name and the network path of the function.',
    },
    server_error: {
      status: 'retry',
      meaning: 'The server answered with another error, named in the detail.',
      advice: 'See the detail and the log of the server.',
    },
  },
});
