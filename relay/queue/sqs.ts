import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { listOf, recordOf, textOf, codeOf } from '../../functions/core/contract/untrusted.ts';
import type { Outgoing } from './message.ts';
import { type BatchResult, callFault, entryFault, type QueueFault, type SendResult } from './sqs-fault.ts';

/** Puts up to ten messages on the queue. Never rejects. */
export type SendBatch = (entries: readonly Outgoing[]) => Promise<BatchResult>;

/** Bounds of one call: SQS takes ten entries and 1 MiB; the rest is room for attributes. */
export const BATCH_ENTRIES = 10;
export const BATCH_BYTES = 900 * 1024;

const CALL_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 256 * 1024;

/** Credentials as the SDK's providers give them. */
export type CredentialSource = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}>;

/**
 * A sender for one queue, with SQS' JSON protocol. Credentials and signature are the SDK's; its client is not used, because
 * of what it costs (DESIGN.md, "Small relay").
 * @param env `AWS_REGION`, `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`, `HTTPS_PROXY`, `NO_PROXY`, as the SDK reads them.
 */
export function queueSender(
  queueUrl: string,
  env: Readonly<Record<string, string | undefined>>,
  credentials: CredentialSource = defaultProvider(),
): SendBatch {
  const endpoint = new URL(env['AWS_ENDPOINT_URL_SQS'] || env['AWS_ENDPOINT_URL'] || new URL(queueUrl).origin);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOf(queueUrl);
  const plain = endpoint.protocol === 'http:';
  const options = { keepAlive: true, maxSockets: 50, ...proxyOf(env) };
  const agent = plain ? new http.Agent(options) : new https.Agent(options);
  const signer = new SignatureV4({
    service: 'sqs',
    region: region ?? '',
    credentials,
    sha256: NodeSha256,
    applyChecksum: false,
  });
  /** How far this machine's clock is off, learnt from answers: signatures are valid for five minutes only. */
  let clockOffsetMs = 0;

  async function post(body: string): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: unknown }> {
    const signed = await signer.sign(
      {
        method: 'POST',
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        path: endpoint.pathname,
        query: {},
        headers: {
          host: endpoint.host,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AmazonSQS.SendMessageBatch',
        },
        body,
      },
      { signingDate: new Date(Date.now() + clockOffsetMs) },
    );
    const answer = await exchange(
      (plain ? http : https).request(endpoint, {
        agent,
        method: 'POST',
        headers: { ...signed.headers, 'content-length': Buffer.byteLength(body) },
      }),
      body,
    );
    if (answer.status >= 400) {
      const offset = Date.parse(answer.headers.date ?? '') - Date.now();
      clockOffsetMs = Math.abs(offset) > 2 * 60_000 ? offset : 0;
    }
    return answer;
  }

  return async (entries) => {
    if (region === undefined)
      return { status: 'unavailable', code: 'no_region', reason: 'no AWS region: set AWS_REGION' };
    try {
      const answer = await post(
        JSON.stringify({
          QueueUrl: queueUrl,
          Entries: entries.map(({ body, group }, i) => ({ Id: String(i), MessageBody: body, MessageGroupId: group })),
        }),
      );
      if (answer.status !== 200) return callFault(faultOf(answer), queueUrl, entries.length);
      return { status: 'answered', results: resultsOf(answer.body, entries.length) };
    } catch (error) {
      const code = codeOf(error);
      const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
      return callFault({ name: code === '' ? name : code, message }, queueUrl, entries.length);
    }
  };
}

/** The region in a queue's URL, where it has one (`https://sqs.<region>.amazonaws.com/...`). */
export function regionOf(queueUrl: string): string | undefined {
  return /\b(?:sqs|queue)(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(URL.parse(queueUrl)?.hostname ?? '')?.[1];
}

function proxyOf(env: Readonly<Record<string, string | undefined>>): { proxyEnv?: Record<string, string> } {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const found = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return found.length === 0 ? {} : { proxyEnv: Object.fromEntries(found) };
}

function resultsOf(body: unknown, count: number): readonly SendResult[] {
  const results = Array.from({ length: count }, (): SendResult => ({ status: 'retry', code: 'no_result' }));
  const { Successful, Failed } = recordOf(body);
  for (const entry of listOf(Successful).map(recordOf)) results[Number(entry['Id'])] = { status: 'accepted' };
  for (const { Id, SenderFault, Code, Message } of listOf(Failed).map(recordOf)) {
    results[Number(Id)] = entryFault(SenderFault === true, { name: textOf(Code), message: textOf(Message) });
  }
  return results;
}

/** The error of an answer: its short name stands in the body, or for queries' sake in a header. */
function faultOf({
  status,
  headers,
  body,
}: {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: unknown;
}): QueueFault {
  const { __type, message, Message } = recordOf(body);
  const typed = headers['x-amzn-errortype'];
  const name = textOf(__type) || (typeof typed === 'string' ? typed : '');
  const short = name.split('#').at(-1)?.split(':')[0] ?? '';
  return { name: short === '' ? `http_${status}` : short, message: textOf(message) || textOf(Message) };
}

function exchange(
  request: http.ClientRequest,
  body: string,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: unknown }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    }, CALL_TIMEOUT_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', fail);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parseOr(text) });
      });
    });
    request.end(body);
  });
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node's SHA-256 in the shape that the signer asks for. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
