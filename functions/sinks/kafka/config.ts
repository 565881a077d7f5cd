import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { regionField } from '../../core/kit/aws/region.ts';
import { wireTlsField } from '../../core/kit/endpoint.ts';
import { templateTree } from '../../core/kit/template.ts';

const hostAndPort = () =>
  z.string().check(z.regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'expected host:port such as kafka-1.example.com:9092'));

export const config = defineConfig({
  type: 'kafka',
  title: 'Kafka',
  chat: false,
  options: z.strictObject({
    brokers: field(
      z.array(hostAndPort()).check(z.minLength(1, 'expected at least one broker')),
      'The bootstrap brokers, host:port each.',
      ['kafka-1.example.com:9092', 'kafka-2.example.com:9092'],
    ),
    topic: field(
      z.string().check(z.regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'expected letters, digits, ., _ and -')),
      'The topic. It must exist, unless createTopic is set.',
      'kubernetes-events',
    ),
    createTopic: field(
      z._default(z.boolean(), false),
      'Lets the brokers create the topic when it is missing, where their auto.create.topics.enable allows it. A misspelt name then makes a topic instead of an error.',
      true,
    ),
    compression: field(
      z._default(z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']), 'gzip'),
      'How record batches are compressed.',
      'zstd',
    ),
    body: field(
      z.optional(templateTree()),
      'The JSON value of a record: any JSON value whose strings may hold ${ ... } expressions over the event. By default the event as ClusterEvent, without raw.',
      { cluster: '${ event.cluster }', event: '${ event.raw }' },
    ),
    maxBatchBytes: field(
      z._default(z.int().check(z.gte(1024), z.lte(50_000_000)), 900_000),
      'The most that goes into one request, in bytes before compression. Keep it below the max.message.bytes of the topic.',
      400_000,
    ),
    auth: field(
      z._default(z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'msk-iam']), 'none'),
      'How to log in: SASL with username and password, or with the IAM role of the function at Amazon MSK (port 9098).',
      'scram-sha-512',
    ),
    username: field(z.optional(z.string().check(z.minLength(1))), 'The user for plain and scram.', 'kube-courier'),
    region: regionField('The AWS region of the cluster for msk-iam; by default the one of the function.'),
    tls: wireTlsField(
      'true, or settings beyond the system trust store. msk-iam and a client certificate turn TLS on by themselves.',
    ),
  }),
  secrets: z.strictObject({
    password: field(z.optional(secret()), 'The password for plain and scram.', 'invented-password'),
    clientCertificate: field(
      z.optional(secret()),
      'Mutual TLS: the client certificate and its chain, PEM.',
      '-----BEGIN CERTIFICATE-----\n...',
    ),
    clientKey: field(
      z.optional(secret()),
      'Mutual TLS: the private key of the client certificate, PEM, not encrypted.',
      '-----BEGIN PRIVATE KEY-----\n...',
    ),
  }),
  plainSecrets: ['clientCertificate'],
  runtime: { windowSeconds: 1 },
  codes: {
    credentials_missing: {
      status: 'rejected',
      meaning:
        'auth asks for a username and a password, or mutual TLS for certificate and key, and one of them is not set.',
      advice: 'Set username in the options, and password, clientCertificate and clientKey in the secrets.',
    },
    authentication_failed: {
      status: 'rejected',
      meaning: 'The broker refused the credentials, or does not offer this kind of login.',
      advice: 'Check auth, username and password; for msk-iam the kafka-cluster:Connect permission of the function.',
    },
    permission_denied: {
      status: 'rejected',
      meaning: 'The user may not write to the topic or the cluster.',
      advice: 'Grant Write and Describe on the topic (kafka-cluster:WriteData and DescribeTopic for msk-iam).',
    },
    topic_missing: {
      status: 'rejected',
      meaning: 'The topic does not exist, or the user may not see it.',
      advice: 'Create the topic, correct its name, or set createTopic. Then replay the dead letters.',
    },
    topic_being_created: {
      status: 'retry',
      meaning: 'createTopic is set and the topic is not there yet.',
      advice: 'If it does not appear, auto.create.topics.enable is off: create the topic.',
    },
    message_too_large: {
      status: 'rejected',
      meaning: 'One event alone is larger than the broker accepts.',
      advice: 'Raise max.message.bytes of the topic (256 KiB and some overhead are enough), then replay.',
    },
    record_refused: {
      status: 'rejected',
      meaning: 'The broker found the record invalid, for example by a policy or a schema check of the topic.',
      advice: 'See the detail; adapt body, or the topic.',
    },
    unsupported: {
      status: 'rejected',
      meaning: 'The broker does not support the compression or the protocol version.',
      advice: 'Choose another compression; the broker must be Kafka 0.11 or later (2.1 for zstd).',
    },
    not_enough_replicas: {
      status: 'retry',
      meaning: 'Fewer replicas are in sync than min.insync.replicas demands.',
      advice: 'See to the brokers; events wait meanwhile.',
    },
    leader_not_available: {
      status: 'retry',
      meaning: 'The partition has no leader at the moment, or it has moved.',
      advice: 'Usually passes by itself within seconds.',
    },
    broker_error: {
      status: 'retry',
      meaning: 'The broker answered with another error, named in the detail.',
      advice: 'See the detail and the log of the broker.',
    },
  },
});
