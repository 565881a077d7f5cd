import type { Call, SinkCase } from '../../core/contract/case.ts';
import { delivered, rejected, retry, type Fate } from '../../core/contract/outcome.ts';
import { sampleContext } from '../../core/contract/sample.ts';

const options = { bucket: 'example-events' };

/** The sample as it is written. */
const text =
  '{"v":1,"id":"prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467","cluster":"prod","uid":"5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11",' +
  '"name":"api-7d9f.17ab3c","eventNamespace":"payments","resourceVersion":"184467","type":"Warning","severity":"warning",' +
  '"reason":"BackOff","message":"Back-off restarting failed container api","action":"","count":1,' +
  '"firstSeen":"2026-11-23T07:55:00.000Z","lastSeen":"2026-11-23T07:59:30.000Z",' +
  '"object":{"apiVersion":"v1","kind":"Pod","namespace":"payments","name":"api-7d9f",' +
  '"uid":"9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b","fieldPath":"spec.containers{api}","labels":{"app":"api"},"annotations":{}},' +
  '"owner":{"kind":"Deployment","name":"api"},"node":"node-1","namespace":{"labels":{"team":"payments"},"annotations":{}},' +
  '"source":{"component":"kubelet","host":"node-1"},' +
  '"seen":{"cluster":"prod","seenAt":"2026-11-23T07:59:31.000Z","change":"added","previousCount":0,' +
  '"context":{"owner":{"kind":"Deployment","name":"api"},"node":"node-1","labels":{"app":"api"},"annotations":{},' +
  '"namespaceLabels":{"team":"payments"},"namespaceAnnotations":{}},' +
  '"event":{"apiVersion":"v1","kind":"Event","metadata":{"name":"api-7d9f.17ab3c","namespace":"payments",' +
  '"uid":"5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11","resourceVersion":"184467","creationTimestamp":"2026-11-23T07:55:00Z"},' +
  '"involvedObject":{"apiVersion":"v1","kind":"Pod","namespace":"payments","name":"api-7d9f",' +
  '"uid":"9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b","fieldPath":"spec.containers{api}"},"type":"Warning","reason":"BackOff",' +
  '"message":"Back-off restarting failed container api","count":1,"firstTimestamp":"2026-11-23T07:55:00Z",' +
  '"lastTimestamp":"2026-11-23T07:59:30Z","source":{"component":"kubelet","host":"node-1"}}}}';

const object = {
  Bucket: 'example-events',
  Key: 'events/cluster=prod/date=2026-11-23/hour=07/1795420770000-U6NgvLGypFOC1rVA.ndjson.gz',
  text: `${text}\n`,
};

export const cases: readonly SinkCase[] = [
  {
    name: 'writes an event into the hour it was last seen in',
    options,
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'createObject', args: [object] }],
    outcomes: [delivered],
  },
  {
    name: 'writes into a store that speaks the protocol of S3, with a key of its own',
    options: { ...options, endpoint: 'https://minio.example.com' },
    secrets: { accessKey: { id: 'an-invented-id', secret: 'an-invented-secret' } },
    events: [{}],
    context: sampleContext,
    calls: [{ method: 'createObject', args: [object] }],
    outcomes: [delivered],
  },
  failing('takes an object that is there for its own', refusal('PreconditionFailed', 'it is there', 412), delivered),
  failing(
    'retries while the same object is being written',
    refusal('ConditionalRequestConflict', 'A conflicting operation is in progress', 409),
    retry('unavailable', 'ConditionalRequestConflict: A conflicting operation is in progress'),
  ),
  failing(
    'retries when it is throttled',
    refusal('SlowDown', 'Please reduce your request rate.', 503),
    retry('throttled', 'SlowDown: Please reduce your request rate.'),
  ),
  failing(
    'retries when the service fails',
    refusal('InternalError', 'We encountered an internal error.', 500),
    retry('unavailable', 'InternalError: We encountered an internal error.'),
  ),
  failing(
    'connects anew with expired credentials',
    refusal('ExpiredToken', 'The provided token has expired.'),
    retry('credentials_expired', 'ExpiredToken: The provided token has expired.'),
  ),
  failing(
    'connects anew when the connection breaks',
    { code: 'ECONNRESET', message: 'socket hang up' },
    retry('connection_lost', 'the connection broke before the reply was complete'),
  ),
  failing(
    'says that the bucket does not exist',
    refusal('NoSuchBucket', 'The specified bucket does not exist', 404),
    rejected('destination', 'target_unusable', 'NoSuchBucket: The specified bucket does not exist'),
  ),
  failing(
    'says that the role may not write',
    refusal('AccessDenied', 'Access Denied', 403),
    rejected('destination', 'access_denied', 'AccessDenied: Access Denied'),
  ),
  failing(
    'understands a refusal without a name',
    refusal('Unknown', 'UnknownError', 403),
    rejected('destination', 'access_denied', 'HTTP 403'),
  ),
  failing(
    'says that the key of the bucket may not be used',
    refusal('KMS.DisabledException', 'the key is disabled'),
    rejected('destination', 'key_unusable', 'KMS.DisabledException: the key is disabled'),
  ),
  failing(
    'says that the store has no conditional writes',
    refusal('NotImplemented', 'A header you provided implies functionality that is not implemented', 501),
    rejected(
      'destination',
      'conditional_writes_missing',
      'NotImplemented: A header you provided implies functionality that is not implemented',
    ),
  ),
  failing(
    'rejects an event whose key is too long',
    refusal('KeyTooLongError', 'Your key is too long'),
    rejected('event', 'event_refused', 'KeyTooLongError: Your key is too long'),
  ),
];

function failing(name: string, error: Readonly<Record<string, unknown>>, outcome: Fate): SinkCase {
  const call: Call = { method: 'createObject', args: [object], throws: error };
  return { name, options, events: [{}], context: sampleContext, calls: [call], outcomes: [outcome] };
}

function refusal(name: string, message: string, httpStatusCode = 400): Readonly<Record<string, unknown>> {
  return { name, message, $metadata: { httpStatusCode } };
}
