import { verify, type KeyObject } from 'node:crypto';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface PubsubTopic {
  readonly project: string;
  readonly topic: string;
  /** Of service accounts that may publish, by their address. Without it, it is an emulator, which asks nobody. */
  readonly publishers?: Readonly<Record<string, KeyObject>>;
  readonly now?: () => number;
}

export interface PubsubMessage {
  readonly data: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly orderingKey: string;
}

export interface PubsubFake {
  readonly url: string;
  readonly messages: readonly PubsubMessage[];
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

const MAX_BYTES = 10_000_000;
const MAX_ATTRIBUTE_BYTES = 1024;

/**
 * A strict stand-in for Pub/Sub's publish: signed tokens with their audience and time, sizes, attributes, ordering keys; all or
 * nothing. Source: Pub/Sub REST reference (projects.topics.publish), quotas, and Google's "service account authorization without OAuth".
 */
export async function startPubsub({ project, topic, publishers, now = Date.now }: PubsubTopic): Promise<PubsubFake> {
  const messages: PubsubMessage[] = [];
  let requests = 0;

  function answer(request: ReceivedRequest): Answer {
    requests += 1;
    const [, ofProject, ofTopic] = /^\/v1\/projects\/([^/]+)\/topics\/([^/:]+):publish$/.exec(request.path) ?? [];
    if (request.method !== 'POST' || ofProject === undefined) return refused(404, 'NOT_FOUND', 'no such method');
    if (publishers) {
      const problem = tokenProblem(request.headers['authorization'] ?? '');
      if (problem) return problem;
    }
    if (ofProject !== project || decodeURIComponent(ofTopic ?? '') !== topic)
      return refused(404, 'NOT_FOUND', `Resource not found (resource=${ofTopic}).`);
    if (request.bytes.length > MAX_BYTES)
      return refused(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit');
    const list = listOf(recordOf(JSON.parse(request.body))['messages']).map(recordOf);
    if (list.length === 0 || list.length > 1000)
      return refused(400, 'INVALID_ARGUMENT', 'The value for message_count is out of bounds.');
    const parsed = list.map((message) => ({
      data: Buffer.from(textOf(message['data']), 'base64').toString(),
      attributes: recordOf(message['attributes']),
      orderingKey: textOf(message['orderingKey']),
    }));
    if (!parsed.every(isAcceptable)) return refused(400, 'INVALID_ARGUMENT', 'A message is not acceptable.');
    if (new Set(parsed.map(({ orderingKey }) => orderingKey)).size > 1)
      return refused(400, 'INVALID_ARGUMENT', 'All messages of a request must have the same ordering key.');
    const first = messages.length;
    messages.push(...parsed);
    return { body: JSON.stringify({ messageIds: parsed.map((_, index) => String(first + index)) }) };
  }

  function tokenProblem(authorization: string): Answer | undefined {
    const [, head = '', claims = '', signature = ''] =
      /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization) ?? [];
    if (head === '') return refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    const { iss, sub, aud, iat, exp } = recordOf(JSON.parse(Buffer.from(claims, 'base64url').toString()));
    const key = publishers?.[textOf(iss)];
    const isSigned =
      key !== undefined &&
      verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
    const seconds = now() / 1000;
    const isInTime = Number(iat) <= seconds + 60 && Number(exp) > seconds && Number(exp) - Number(iat) <= 3600;
    return isSigned && isInTime && sub === iss && aud === 'https://pubsub.googleapis.com/'
      ? undefined
      : refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }

  const server = await startHttpServer(answer);
  return { url: server.url, messages, requests: () => requests, stop: () => server.stop() };
}

function refused(code: number, status: string, message: string): Answer {
  return { status: code, body: JSON.stringify({ error: { code, status, message } }) };
}

function isAcceptable({ data, attributes, orderingKey }: PubsubMessage): boolean {
  const values = Object.values(attributes);
  return (
    data !== '' &&
    Buffer.byteLength(orderingKey) <= MAX_ATTRIBUTE_BYTES &&
    values.length <= 100 &&
    values.every((value) => typeof value === 'string' && Buffer.byteLength(value) <= MAX_ATTRIBUTE_BYTES)
  );
}
