import type { Call, SinkCase } from '../../core/contract/case.ts';
import { delivered, rejected, retry, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { queueArn: 'arn:aws:sqs:eu-west-1:123456789012:events' };

/** The sample as it is sent. */
const text =
  '{"id":"prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467","cluster":"prod","uid":"5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11",' +
  '"name":"api-7d9f.17ab3c","eventNamespace":"payments","resourceVersion":"184467","type":"Warning","severity":"warning",' +
  '"reason":"BackOff","message":"Back-off restarting failed container api","action":"","count":1,"previousCount":0,' +
  '"firstSeen":"2026-11-23T07:55:00.000Z","lastSeen":"2026-11-23T07:59:30.000Z","seenAt":"2026-11-23T07:59:31.000Z",' +
  '"change":"added","object":{"apiVersion":"v1","kind":"Pod","namespace":"payments","name":"api-7d9f",' +
  '"uid":"9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b","fieldPath":"spec.containers{api}","labels":{"app":"api"},"annotations":{}},' +
  '"owner":{"kind":"Deployment","name":"api"},"node":"node-1","namespace":{"labels":{"team":"payments"},"annotations":{}},' +
  '"source":{"component":"kubelet","host":"node-1"}}';

const attribute = (StringValue: string): object => ({ DataType: 'String', StringValue });
const MessageAttributes = {
  'event-id': attribute('prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467'),
  cluster: attribute('prod'),
  namespace: attribute('payments'),
  kind: attribute('Pod'),
  name: attribute('api-7d9f'),
  type: attribute('Warning'),
  severity: attribute('warning'),
  reason: attribute('BackOff'),
  'owner-kind': attribute('Deployment'),
  'owner-name': attribute('api'),
};
const fifo = {
  MessageGroupId: 'prod/payments/Pod/api-7d9f',
  MessageDeduplicationId: 'U6NgvLGypFOC1rVAbCnQ-jqsthv7ZR64TQQZRn_-QO0',
};

const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/events';
const entry = (Id: string): object => ({ Id, MessageBody: text, MessageAttributes });
const input = (...Entries: readonly object[]): object => ({ QueueUrl, Entries });

export const cases: readonly SinkCase[] = [
  {
    name: 'sends an event with what to filter by',
    options,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'sendMessageBatch', args: [input(entry('0'))], returns: { Successful: [{ Id: '0' }] } }],
    outcomes: [delivered],
  },
  {
    name: 'keeps order and drops repeats in a FIFO queue',
    options: { queueArn: 'arn:aws:sqs:eu-west-1:123456789012:events.fifo' },
    events: [{}],
    context: sampleContext,
    calls: [
      {
        method: 'sendMessageBatch',
        args: [{ QueueUrl: `${QueueUrl}.fifo`, Entries: [{ ...entry('0'), ...fifo }] }],
        returns: { Successful: [{ Id: '0' }] },
      },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives each event its own outcome',
    options,
    events: [{}, {}, {}, {}, {}],
    context: sampleContext,
    calls: [
      {
        method: 'sendMessageBatch',
        args: [input(entry('0'), entry('1'), entry('2'), entry('3'), entry('4'))],
        returns: {
          Successful: [{ Id: '0' }],
          Failed: [
            { Id: '2', Code: 'InvalidMessageContents', Message: 'bad', SenderFault: true },
            { Id: '1', Code: 'InternalError', Message: 'try again', SenderFault: false },
            { Id: '4', Code: 'AccessDenied', Message: 'no', SenderFault: true },
          ],
        },
      },
    ],
    outcomes: [
      delivered,
      retry('unavailable', 'InternalError: try again'),
      rejected('event', 'event_refused', 'InvalidMessageContents: bad'),
      retry('unexpected_reply', 'the reply does not name the entry'),
      rejected('destination', 'access_denied', 'AccessDenied: no'),
    ],
  },
  failing(
    'says that the role may not write to the queue',
    refusal('AccessDeniedException', 'User is not authorized to perform this action', 403),
    rejected('destination', 'access_denied', 'AccessDeniedException: User is not authorized to perform this action'),
  ),
  failing(
    'says that the queue does not exist',
    refusal('QueueDoesNotExist', 'The specified queue does not exist.'),
    rejected('destination', 'target_unusable', 'QueueDoesNotExist: The specified queue does not exist.'),
  ),
  failing(
    'says that the key of the queue may not be used',
    refusal('KmsAccessDenied', 'The ciphertext refers to a key that may not be used'),
    rejected('destination', 'key_unusable', 'KmsAccessDenied: The ciphertext refers to a key that may not be used'),
  ),
  failing(
    'retries when it is throttled',
    refusal('RequestThrottled', 'Rate exceeded'),
    retry('throttled', 'RequestThrottled: Rate exceeded'),
  ),
  failing(
    'retries when the service fails',
    refusal('InternalError', 'try again', 500),
    retry('unavailable', 'InternalError: try again'),
  ),
  failing(
    'connects anew with expired credentials',
    refusal('ExpiredTokenException', 'The security token has expired'),
    retry('credentials_expired', 'ExpiredTokenException: The security token has expired'),
  ),
  failing(
    'connects anew when the connection breaks',
    { code: 'ECONNRESET', message: 'socket hang up' },
    retry('connection_lost', 'the connection broke before the reply was complete'),
  ),
  failing(
    'rejects an event that is refused alone',
    refusal('InvalidParameterValue', 'Invalid parameter: Message'),
    rejected('event', 'event_refused', 'InvalidParameterValue: Invalid parameter: Message'),
  ),
  failing(
    'says that a message alone is too large',
    refusal('BatchRequestTooLong', 'The length of all the messages is more than the limit'),
    rejected('event', 'too_large', 'BatchRequestTooLong: The length of all the messages is more than the limit'),
  ),
];

function failing(name: string, error: Readonly<Record<string, unknown>>, outcome: Fate): SinkCase {
  const call: Call = { method: 'sendMessageBatch', args: [input(entry('0'))], throws: error };
  return { name, options, events: [{}], context: sampleContext, calls: [call], outcomes: [outcome] };
}

function refusal(name: string, message: string, httpStatusCode = 400): Readonly<Record<string, unknown>> {
  return { name, message, $metadata: { httpStatusCode } };
}
