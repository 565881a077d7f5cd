import type { Call, SinkCase } from '../../core/contract/case.ts';
import { delivered, rejected, retry, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/kubernetes/events' };

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

const stream = { logGroupName: '/kubernetes/events', logStreamName: 'kube-courier/prod' };
const entry = { timestamp: Date.parse('2026-11-23T07:59:30Z'), message: text };
const input = (...logEvents: readonly object[]): object => ({ ...stream, logEvents });
const missing = refusal('ResourceNotFoundException', 'The specified log stream does not exist.');
const put: Call = { method: 'putLogEvents', args: [input(entry)], returns: {} };

export const cases: readonly SinkCase[] = [
  {
    name: 'writes an event to the log stream of its cluster',
    options,
    events: [{}],
    context: sampleContext,
    calls: [put],
    outcomes: [delivered],
  },
  {
    name: 'creates the log stream',
    options,
    events: [{}],
    context: sampleContext,
    calls: [{ ...put, throws: missing }, { method: 'createLogStream', args: [stream] }, put],
    outcomes: [delivered],
  },
  {
    name: 'says which events are too old, and which are ahead of the time',
    options,
    events: [{}, {}, {}, {}],
    context: sampleContext,
    calls: [
      {
        method: 'putLogEvents',
        args: [input(entry, entry, entry, entry)],
        returns: {
          rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2, tooNewLogEventStartIndex: 3 },
        },
      },
    ],
    outcomes: [
      rejected('event', 'too_old', 'its time is 2026-11-23T07:59:30.000Z'),
      rejected('event', 'too_old', 'its time is 2026-11-23T07:59:30.000Z'),
      delivered,
      retry('too_new', 'its time is 2026-11-23T07:59:30.000Z'),
    ],
  },
  {
    name: 'says that the log group does not exist',
    options,
    events: [{}],
    context: sampleContext,
    calls: [
      { ...put, throws: missing },
      {
        method: 'createLogStream',
        args: [stream],
        throws: refusal('ResourceNotFoundException', 'The specified log group does not exist.'),
      },
    ],
    outcomes: [
      rejected('destination', 'target_unusable', 'ResourceNotFoundException: The specified log group does not exist.'),
    ],
  },
  failing(
    'says that the role may not write to the log group',
    refusal('AccessDeniedException', 'User is not authorized to perform this action', 403),
    rejected('destination', 'access_denied', 'AccessDeniedException: User is not authorized to perform this action'),
  ),
  failing(
    'says that the key of the log group may not be used',
    refusal('KMSAccessDeniedException', 'The ciphertext refers to a key that may not be used'),
    rejected(
      'destination',
      'key_unusable',
      'KMSAccessDeniedException: The ciphertext refers to a key that may not be used',
    ),
  ),
  failing(
    'retries when it is throttled',
    refusal('ThrottlingException', 'Rate exceeded'),
    retry('throttled', 'ThrottlingException: Rate exceeded'),
  ),
  failing(
    'retries when the service fails',
    refusal('ServiceUnavailableException', 'try again', 500),
    retry('unavailable', 'ServiceUnavailableException: try again'),
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
    refusal('InvalidParameterException', 'Invalid parameter: Message'),
    rejected('event', 'event_refused', 'InvalidParameterException: Invalid parameter: Message'),
  ),
];

function failing(name: string, error: Readonly<Record<string, unknown>>, outcome: Fate): SinkCase {
  const call: Call = { method: 'putLogEvents', args: [input(entry)], throws: error };
  return { name, options, events: [{}], context: sampleContext, calls: [call], outcomes: [outcome] };
}

function refusal(name: string, message: string, httpStatusCode = 400): Readonly<Record<string, unknown>> {
  return { name, message, $metadata: { httpStatusCode } };
}
