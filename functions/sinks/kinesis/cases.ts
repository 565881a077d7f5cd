import type { Call, SinkCase } from '../../core/contract/case.ts';
import { delivered, rejected, retry, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/events' };

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

const entry = { Data: `${text}\n`, PartitionKey: 'prod/payments/Pod/api-7d9f' };
const input = (...Records: readonly object[]): object => ({ StreamARN: options.streamArn, Records });

export const cases: readonly SinkCase[] = [
  {
    name: 'puts an event on the stream, keyed by its object',
    options,
    events: [{}],
    context: sampleContext,
    calls: [
      { method: 'putRecords', args: [input(entry)], returns: { Records: [{ SequenceNumber: '1', ShardId: 's' }] } },
    ],
    outcomes: [delivered],
  },
  {
    name: 'gives each event its own outcome',
    options,
    events: [{}, {}, {}],
    context: sampleContext,
    calls: [
      {
        method: 'putRecords',
        args: [input(entry, entry, entry)],
        returns: {
          Records: [
            { SequenceNumber: '1', ShardId: 's' },
            { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'later' },
            { ErrorCode: 'InternalFailure', ErrorMessage: 'bad' },
          ],
        },
      },
    ],
    outcomes: [
      delivered,
      retry('throttled', 'ProvisionedThroughputExceededException: later'),
      retry('unavailable', 'InternalFailure: bad'),
    ],
  },
  {
    name: 'does not take a reply without the events for success',
    options,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'putRecords', args: [input(entry)], returns: { Records: [] } }],
    outcomes: [retry('unexpected_reply', 'the reply has 0 entries, want 1')],
  },
  failing(
    'says that the role may not write to the stream',
    refusal('AccessDeniedException', 'User is not authorized to perform this action', 403),
    rejected('destination', 'access_denied', 'AccessDeniedException: User is not authorized to perform this action'),
  ),
  failing(
    'says that the stream does not exist',
    refusal('ResourceNotFoundException', 'Stream events not found'),
    rejected('destination', 'target_unusable', 'ResourceNotFoundException: Stream events not found'),
  ),
  failing(
    'says that the key of the stream may not be used',
    refusal('KMSAccessDeniedException', 'The ciphertext refers to a key that may not be used'),
    rejected(
      'destination',
      'key_unusable',
      'KMSAccessDeniedException: The ciphertext refers to a key that may not be used',
    ),
  ),
  failing(
    'retries when it is throttled',
    refusal('ProvisionedThroughputExceededException', 'Rate exceeded'),
    retry('throttled', 'ProvisionedThroughputExceededException: Rate exceeded'),
  ),
  failing(
    'retries when the service fails',
    refusal('InternalFailureException', 'try again', 500),
    retry('unavailable', 'InternalFailureException: try again'),
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
    refusal('InvalidArgumentException', 'Invalid parameter: Message'),
    rejected('event', 'event_refused', 'InvalidArgumentException: Invalid parameter: Message'),
  ),
];

function failing(name: string, error: Readonly<Record<string, unknown>>, outcome: Fate): SinkCase {
  const call: Call = { method: 'putRecords', args: [input(entry)], throws: error };
  return { name, options, events: [{}], context: sampleContext, calls: [call], outcomes: [outcome] };
}

function refusal(name: string, message: string, httpStatusCode = 400): Readonly<Record<string, unknown>> {
  return { name, message, $metadata: { httpStatusCode } };
}
