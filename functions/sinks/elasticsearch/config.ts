import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';
import { templateText } from '../../core/kit/template.ts';

/** `<name>:<base64 of host$id...>`, as Elastic Cloud shows it. */
const cloudId = () =>
  z.string().check(
    z.refine((value) => {
      const [host, id] = Buffer.from(value.split(':')[1] ?? '', 'base64')
        .toString()
        .split('$');
      return Boolean(host) && Boolean(id);
    }, 'expected the Cloud ID of an Elastic Cloud deployment, <name>:<base64>'),
  );

const options = z
  .strictObject({
    endpoint: field(
      z.optional(z.union([endpointUrl(), z.array(endpointUrl()).check(z.minLength(1))])),
      'URL of the cluster, or a list with one URL per node. This or cloudId.',
      'https://es.example.com:9200',
    ),
    cloudId: field(
      z.optional(cloudId()),
      'Cloud ID of an Elastic Cloud deployment, instead of endpoint.',
      'events:ZXUtd2VzdC0xLmF3cy5mb3VuZC5pbyRhYmNkZWYxMjM0NTYk',
    ),
    mode: field(
      z._default(z.enum(['data-stream', 'daily', 'latest']), 'data-stream'),
      'data-stream: every version of an event in a data stream; daily: the same in <index>-YYYY.MM.DD; latest: one document per event, always the newest version.',
      'daily',
    ),
    index: field(
      z._default(templateText(), 'kube-events'),
      'Name of the data stream or index, without the date that mode daily appends. May hold ${ ... } expressions; what no index name may contain becomes a dash.',
      'kube-events-${ event.object.namespace }',
    ),
    format: field(
      z._default(z.enum(['event', 'kube-eventer']), 'event'),
      'The document: event is the one shown below; kube-eventer has the fields that kube-eventer writes.',
      'kube-eventer',
    ),
    documentIds: field(
      z._default(z.boolean(), true),
      'Gives documents an _id, by which a repeated delivery is recognised. Turn it off only for OpenSearch Serverless time series collections, which refuse ids; repeats are stored twice then.',
      false,
    ),
    pipeline: field(z.optional(z.string()), 'Ingest pipeline that every document passes.', 'kube-events'),
    username: field(z.optional(z.string()), 'User of basic authentication; the password is a secret.', 'courier'),
    awsService: field(
      z.optional(z.enum(['es', 'aoss'])),
      "Signs requests with the function's AWS credentials: es for Amazon OpenSearch Service domains, aoss for OpenSearch Serverless.",
      'es',
    ),
    compression: field(z._default(z.boolean(), true), 'Compresses requests with gzip.', false),
    tls: tlsField(),
  })
  .check(
    z.refine((value) => (value.endpoint === undefined) !== (value.cloudId === undefined), {
      path: ['endpoint'],
      error: 'expected either endpoint or cloudId',
    }),
    z.refine((value) => value.documentIds || value.mode !== 'latest', {
      path: ['documentIds'],
      error: 'mode latest needs document ids',
    }),
  );

const secrets = z
  .strictObject({
    apiKey: field(
      z.optional(secret()),
      'API key in its encoded form (base64 of id:key).',
      'VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhU',
    ),
    password: field(z.optional(secret()), 'Password of the user in the option username.', 'correct horse'),
    bearerToken: field(z.optional(secret()), 'Token sent as Authorization: Bearer.', 'eyJhbGciOiJSUzI1NiJ9'),
  })
  .check(
    z.refine(
      ({ apiKey, password, bearerToken }) => [apiKey, password, bearerToken].filter(Boolean).length <= 1,
      'expected only one of apiKey, password and bearerToken',
    ),
  );

export const config = defineConfig({
  type: 'elasticsearch',
  title: 'Elasticsearch and OpenSearch',
  titleZh: 'Elasticsearch 和 OpenSearch',
  chat: false,
  options,
  secrets,
  // SQS gives more than ten messages only together with a window.
  runtime: { windowSeconds: 15 },
  codes: {
    wrong_credentials: {
      status: 'rejected',
      meaning: 'The API key, password, token or signature was not accepted (HTTP 401).',
      advice:
        'Put a valid credential into the secret document; for basic authentication check the option username too.',
    },
    forbidden: {
      status: 'rejected',
      meaning: 'The credential is valid but may not write to the index (HTTP 403 or a security exception).',
      advice:
        'Grant create_doc and auto_configure on the index pattern (mode latest: write); on AWS es:ESHttpPost or aoss:APIAccessAll.',
    },
    index_not_found: {
      status: 'rejected',
      meaning: 'The index or data stream does not exist and the cluster does not create it by itself.',
      advice: 'Install the index template, create the index, or correct the option index.',
    },
    wrong_index_type: {
      status: 'rejected',
      meaning: 'Mode and index do not fit: mode latest was pointed at a data stream, or an alias has no write index.',
      advice: 'Choose another index or mode; install the index template that belongs to the mode.',
    },
    pipeline_not_found: {
      status: 'rejected',
      meaning: 'The ingest pipeline does not exist.',
      advice: 'Create the pipeline or correct the option pipeline.',
    },
    document_rejected: {
      status: 'rejected',
      meaning: "The document does not fit the index' mapping, or a pipeline refused it.",
      advice: 'Read the detail; correct the mapping (the shipped index template fits) and replay.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'A single event is larger than the cluster takes in one request (HTTP 413).',
      advice: 'Raise http.max_content_length.',
    },
    throttled: {
      status: 'retry',
      meaning: 'The cluster is overloaded and refused the document (429).',
      advice: 'Nothing, unless it lasts: then give the cluster more capacity.',
    },
    disk_full: {
      status: 'retry',
      meaning: 'The disks are too full: indices are read-only, or no new one can be created.',
      advice:
        'Free disk space; the block goes away by itself. Amazon OpenSearch Service sets it for too little memory too.',
    },
    cluster_blocked: {
      status: 'retry',
      meaning: 'The whole cluster is read-only.',
      advice:
        'Whoever has set it can lift it (cluster.blocks.read_only, read_only_allow_delete); Amazon OpenSearch Service sets it after a loss of quorum.',
    },
    index_blocked: {
      status: 'retry',
      meaning: 'The index is closed or has a write block.',
      advice: 'Open the index or remove its block (index.blocks.write, read_only). Replay what became dead letters.',
    },
    shard_limit: {
      status: 'retry',
      meaning: 'A new index would exceed cluster.max_shards_per_node.',
      advice: 'Delete old indices or raise the limit.',
    },
    unavailable: {
      status: 'retry',
      meaning: "The index' primary shard is not available, or the cluster failed inside.",
      advice: 'Nothing, unless it lasts: then look at the health of the cluster.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of a bulk request.',
      advice: 'Check that the endpoint is that of Elasticsearch or OpenSearch, not of Kibana or a login page.',
    },
  },
});
