import { createHmac } from 'node:crypto';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
}

export interface AlibabaEventbridge {
  readonly url: string;
  readonly events: readonly CloudEvent[];
  /** The number of events in each request taken. */
  readonly requests: readonly number[];
  stop(): Promise<void>;
}

export interface AlibabaEventbridgeOptions {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly eventBus: string;
  /** Requests that are taken before there are too many. */
  readonly quota?: number;
  /** An event whose data holds this text fails, the first time it is seen. */
  readonly failOnce?: string;
}

const MAX_EVENTS = 16;
const MAX_BATCH_BYTES = 262_144;
const MAX_EVENT_BYTES = 65_536;
const MAX_SKEW_MS = 15 * 60_000;

/** PutEvents with its limits (https://help.aliyun.com/zh/eventbridge/putevents), signature check and errors. */
export async function startAlibabaEventbridge(options: AlibabaEventbridgeOptions): Promise<AlibabaEventbridge> {
  const { accessKeyId, accessKeySecret, securityToken, eventBus, quota = Infinity, failOnce } = options;
  const events: CloudEvent[] = [];
  const requests: number[] = [];
  const failed = new Set<string>();
  const nonces = new Set<string>();
  const server = await startHttpServer(answer);
  return { url: server.url, events, requests, stop: () => server.stop() };

  function answer(request: ReceivedRequest): Answer {
    if (request.method !== 'POST' || request.path !== '/openapi/putEvents')
      return refuse(404, 'InvalidAction.NotFound', 'Specified api is not found.');
    const unsigned = signatureProblem(request);
    if (unsigned) return unsigned;
    if (!request.headers['content-type']?.startsWith('application/cloudevents-batch+json'))
      return refuse(400, 'InvalidContentType', 'the content type is not that of a batch');
    if (requests.length >= quota)
      return refuse(429, 'TooManyRequests', 'The request is denied by flow limiter for too many requests.');
    const batch: unknown = JSON.parse(request.body);
    if (!Array.isArray(batch) || batch.length === 0 || batch.length > MAX_EVENTS)
      return refuse(400, 'InvalidArgument', 'The batch size should be between 1 and 16.');
    if (request.bytes.length > MAX_BATCH_BYTES)
      return refuse(400, 'InvalidArgument', 'The batch is larger than 256 KB.');
    const buses = new Set(batch.map((event) => Object(event)['aliyuneventbusname']));
    if (buses.size !== 1 || !buses.has(eventBus))
      return refuse(409, 'EventBusNotExist', `The event bus [${[...buses].join()}] not existed!`);
    requests.push(batch.length);
    const entries = batch.map(put);
    const count = entries.filter((entry) => 'ErrorCode' in entry).length;
    return json(200, { RequestId: '5E9AB1DF', FailedEntryCount: count, EntryList: entries });
  }

  function put(event: CloudEvent): Record<string, string> {
    const problem = eventProblem(event);
    if (problem !== undefined) return { ErrorCode: 'InvalidArgument', ErrorMessage: problem };
    if (failOnce !== undefined && JSON.stringify(event.data).includes(failOnce) && !failed.has(event.id)) {
      failed.add(event.id);
      return { ErrorCode: 'InternalError', ErrorMessage: 'please try again' };
    }
    events.push(event);
    return { EventId: event.id, TraceId: '445EFED2' };
  }

  function signatureProblem({ method, path, headers }: ReceivedRequest): Answer | undefined {
    const [scheme, id, signature] = (headers['authorization'] ?? '').split(':');
    if (scheme !== 'acs' || id !== accessKeyId)
      return refuse(403, 'InvalidAccessKeyId', 'The access Id you provided is not exist.');
    if (headers['x-acs-security-token'] !== securityToken)
      return refuse(403, 'SecurityTokenInvalid', 'The Security token that your provide is invalid.');
    const nonce = headers['x-acs-signature-nonce'] ?? '';
    if (nonce === '' || nonces.has(nonce)) return refuse(403, 'SignatureNonceUsed', 'The nonce was used.');
    nonces.add(nonce);
    if (!(Math.abs(Date.parse(headers['date'] ?? '') - Date.now()) <= MAX_SKEW_MS))
      return refuse(403, 'InvalidTimeStamp.Expired', 'The date is expired.');
    let text = `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type']}\n${headers['date']}\n`;
    for (const name of Object.keys(headers).toSorted())
      if (name.startsWith('x-acs-')) text += `${name}:${headers[name]}\n`;
    const expected = createHmac('sha1', accessKeySecret)
      .update(text + path)
      .digest('base64');
    if (signature !== expected)
      return refuse(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided.',
      );
    return undefined;
  }
}

function eventProblem(event: CloudEvent): string | undefined {
  const attributes = ['id', 'source', 'type', 'subject', 'time'] as const;
  const missing = attributes.find((name) => typeof event[name] !== 'string' || event[name] === '');
  if (missing !== undefined) return `${missing} is missing`;
  if (event.type.length > 64) return 'type is longer than 64 characters';
  if (event.source.length > 128) return 'source is longer than 128 characters';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(event.time)) return 'time is not RFC 3339';
  return Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES ? 'the event is larger than 64 KB' : undefined;
}

function refuse(status: number, code: string, message: string): Answer {
  return json(status, { code, message, requestId: '5E9AB1DF' });
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
