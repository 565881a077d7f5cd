import type { SinkCase } from '../../core/contract/case.ts';
import { sampleContext } from '../../core/contract/sample.ts';
import { delivered, rejected, retry } from '../../core/contract/outcome.ts';

const options = { brokers: ['kafka-1.example.com:9092'], topic: 'kubernetes-events' };

const record = {
  key: 'prod/payments/Pod/api-7d9f',
  value: JSON.stringify({
    id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    cluster: 'prod',
    uid: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
    name: 'api-7d9f.17ab3c',
    eventNamespace: 'payments',
    resourceVersion: '184467',
    type: 'Warning',
    severity: 'warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container api',
    action: '',
    count: 1,
    previousCount: 0,
    firstSeen: '2026-11-23T07:55:00.000Z',
    lastSeen: '2026-11-23T07:59:30.000Z',
    seenAt: '2026-11-23T07:59:31.000Z',
    change: 'added',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'payments',
      name: 'api-7d9f',
      uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
      fieldPath: 'spec.containers{api}',
      labels: { app: 'api' },
      annotations: {},
    },
    owner: { kind: 'Deployment', name: 'api' },
    node: 'node-1',
    namespace: { labels: { team: 'payments' }, annotations: {} },
    source: { component: 'kubelet', host: 'node-1' },
  }),
  headers: {
    'event-id': 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    'content-type': 'application/json',
    cluster: 'prod',
    namespace: 'payments',
    type: 'Warning',
    reason: 'BackOff',
  },
};

/** With a body of its own a record stays short. */
const short = { ...options, body: { text: '${ event.reason }: ${ event.message }', count: '${ event.count }' } };
const shortRecord = { ...record, value: '{"text":"BackOff: Back-off restarting failed container api","count":1}' };
const other = { metadata: { namespace: 'payments', name: 'web.17ab3d', uid: 'web-event', resourceVersion: '184468' } };
const otherRecord = { ...shortRecord, headers: { ...record.headers, 'event-id': 'prod/web-event/184468' } };
const third = { metadata: { namespace: 'payments', name: 'db.17ab3e', uid: 'db-event', resourceVersion: '184469' } };
const thirdRecord = { ...shortRecord, headers: { ...record.headers, 'event-id': 'prod/db-event/184469' } };

function broker(type: string, message: string): object {
  return { name: 'KafkaJSProtocolError', type, message };
}

export const cases: readonly SinkCase[] = [
  {
    name: 'writes one record per event',
    options,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'send', args: [[record]], returns: [undefined] }],
    outcomes: [delivered],
  },
  {
    name: 'gives each event its own outcome where partitions fare differently',
    options: short,
    events: [{}, other],
    calls: [
      {
        method: 'send',
        args: [[shortRecord, otherRecord]],
        returns: [
          undefined,
          broker('NOT_ENOUGH_REPLICAS', 'Messages are rejected since there are fewer in-sync replicas'),
        ],
      },
    ],
    outcomes: [
      delivered,
      retry('not_enough_replicas', 'NOT_ENOUGH_REPLICAS: Messages are rejected since there are fewer in-sync replicas'),
    ],
  },
  {
    name: 'isolates the event that is too large, and sends again only what was refused along with it',
    options: short,
    events: [{}, other, third],
    calls: [
      {
        method: 'send',
        args: [[shortRecord, otherRecord, thirdRecord]],
        returns: [undefined, broker('MESSAGE_TOO_LARGE', 'too large'), broker('MESSAGE_TOO_LARGE', 'too large')],
      },
      { method: 'send', args: [[otherRecord]], returns: [broker('MESSAGE_TOO_LARGE', 'too large')] },
      { method: 'send', args: [[thirdRecord]], returns: [undefined] },
    ],
    outcomes: [delivered, rejected('event', 'message_too_large', 'MESSAGE_TOO_LARGE: too large'), delivered],
  },
  {
    name: 'says that the topic is missing',
    options: short,
    events: [{}],
    calls: [
      { method: 'send', args: [[shortRecord]], returns: [broker('UNKNOWN_TOPIC_OR_PARTITION', 'no such topic')] },
      { method: 'topicExists', args: [], returns: false },
    ],
    outcomes: [rejected('destination', 'topic_missing', 'topic kubernetes-events does not exist')],
  },
  {
    name: 'retries when the partition is elsewhere and the topic is there',
    options: short,
    events: [{}],
    calls: [
      { method: 'send', args: [[shortRecord]], returns: [broker('UNKNOWN_TOPIC_OR_PARTITION', 'no such topic')] },
      { method: 'topicExists', args: [], returns: true },
    ],
    outcomes: [retry('leader_not_available', 'the partition has moved to another broker')],
  },
  {
    name: 'retries while the topic it asked for is being created',
    options: { ...short, createTopic: true },
    events: [{}],
    calls: [
      { method: 'send', args: [[shortRecord]], returns: [broker('UNKNOWN_TOPIC_OR_PARTITION', 'no such topic')] },
      { method: 'topicExists', args: [], returns: false },
    ],
    outcomes: [retry('topic_being_created', 'topic kubernetes-events does not exist yet')],
  },
  {
    name: 'rejects the destination on a wrong password',
    options: { ...short, auth: 'scram-sha-512', username: 'kube-courier' },
    secrets: { password: 'invented-password' },
    events: [{}],
    calls: [
      {
        method: 'send',
        args: [[shortRecord]],
        returns: [
          {
            name: 'KafkaJSSASLAuthenticationError',
            message: 'SASL SCRAM SHA512 authentication failed: invalid credentials',
          },
        ],
      },
    ],
    outcomes: [
      rejected('destination', 'authentication_failed', 'SASL SCRAM SHA512 authentication failed: invalid credentials'),
    ],
  },
  {
    name: 'rejects the destination when there is no password to log in with',
    options: { ...short, auth: 'plain', username: 'kube-courier' },
    events: [{}],
    calls: [],
    outcomes: [rejected('destination', 'credentials_missing', 'auth plain needs password in the secrets')],
  },
  {
    name: 'rejects the destination when the user may not write',
    options: short,
    events: [{}],
    calls: [
      {
        method: 'send',
        args: [[shortRecord]],
        returns: [broker('TOPIC_AUTHORIZATION_FAILED', 'Not authorized to access topics')],
      },
    ],
    outcomes: [
      rejected('destination', 'permission_denied', 'TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics'),
    ],
  },
  {
    name: 'retries when the connection breaks, whatever kafkajs wraps it in',
    options: short,
    events: [{}],
    calls: [
      {
        method: 'send',
        args: [[shortRecord]],
        returns: [
          {
            name: 'KafkaJSNumberOfRetriesExceeded',
            message: 'Connection error: connect ECONNREFUSED',
            retriable: false,
            cause: {
              name: 'KafkaJSConnectionError',
              code: 'ECONNREFUSED',
              message: 'Connection error: connect ECONNREFUSED',
            },
          },
        ],
      },
    ],
    outcomes: [retry('connection_refused', 'the connection was refused')],
  },
];
