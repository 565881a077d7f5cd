import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Outgoing } from './message.ts';

/** What became of one entry of a batch. */
export type SendResult =
  | { readonly status: 'accepted' }
  /** Nothing was said about this entry, or a fault that passes: send it again. */
  | { readonly status: 'retry'; readonly code: string }
  /** It exceeds what the queue takes, alone or as part of its batch. */
  | { readonly status: 'too-long' }
  /** The queue never accepts this entry. */
  | { readonly status: 'refused'; readonly code: string; readonly detail: string };

/** What became of a call. */
export type BatchResult =
  | { readonly status: 'answered'; readonly results: readonly SendResult[] }
  /** The queue could not be used at all: nothing of the batch is known to be accepted. */
  | { readonly status: 'unavailable'; readonly code: string; readonly reason: string };

/** Puts up to ten messages on the queue. Never rejects. */
export type SendBatch = (entries: readonly Outgoing[]) => Promise<BatchResult>;

/** Bounds of one call: SQS takes ten entries and 1 MiB; the rest is room for attributes. */
export const BATCH_ENTRIES = 10;
export const BATCH_BYTES = 900 * 1024;

const CALL_TIMEOUT_MS = 15_000;

/** The client for a queue: the SDK's own chain of credentials, no retries of its own, proxies as the environment says. */
export function createSqsClient(queueUrl: string, env: NodeJS.ProcessEnv): SQSClient {
  const endpoint = env['AWS_ENDPOINT_URL_SQS'] ?? env['AWS_ENDPOINT_URL'];
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? regionOf(queueUrl);
  const proxyEnv = proxyOf(env);
  const agent = { keepAlive: true, maxSockets: 50, ...(proxyEnv !== undefined && { proxyEnv }) };
  return new SQSClient({
    ...(region !== undefined && { region }),
    // The SDK prefers the host of the queue's URL, which emulators fill with names that do not resolve.
    ...(endpoint !== undefined && endpoint !== '' && { endpoint, useQueueUrlAsEndpoint: false }),
    maxAttempts: 1,
    md5: false,
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: 5000,
      requestTimeout: CALL_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** The region in a queue's URL, where it has one (`https://sqs.<region>.amazonaws.com/...`). */
export function regionOf(queueUrl: string): string | undefined {
  const host = URL.parse(queueUrl)?.hostname ?? '';
  return (
    /^(?:[a-z0-9-]+\.)?(?:sqs|queue)\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(host)?.[1] ??
    /^([a-z]{2}(?:-[a-z]+)+-\d)\.queue\./.exec(host)?.[1]
  );
}

function proxyOf(env: NodeJS.ProcessEnv): Record<string, string> | undefined {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const found = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Sends through a client and sorts out what the answer means, entry by entry. */
export function batchSender(client: SQSClient, queueUrl: string): SendBatch {
  return async (entries) => {
    try {
      const answer = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: entries.map(({ body, group }, i) => ({ Id: String(i), MessageBody: body, MessageGroupId: group })),
        }),
      );
      const results = entries.map((): SendResult => ({ status: 'retry', code: 'no_result' }));
      for (const { Id } of answer.Successful ?? []) results[Number(Id)] = { status: 'accepted' };
      for (const { Id, SenderFault, Code, Message } of answer.Failed ?? []) {
        results[Number(Id)] = entryFault(SenderFault === true, Code ?? 'unknown', Message ?? '');
      }
      return { status: 'answered', results };
    } catch (error) {
      return callFault(error, queueUrl, entries.length);
    }
  };
}

const TOO_LONG = /TooLong|MessageTooLarge/i;
/** Faults of an entry's content. Anything else is somebody else's fault, and passes. */
const CONTENT =
  /^(?:AWS\.SimpleQueueService\.)?(?:InvalidMessageContents|InvalidParameterValue|InvalidAttributeValue|InvalidAttributeName|MissingParameter|ValidationError|ValidationException|SerializationException)$/;

function entryFault(senderFault: boolean, code: string, detail: string): SendResult {
  if (TOO_LONG.test(code) || (CONTENT.test(code) && /must be shorter|too long|exceed/i.test(detail)))
    return { status: 'too-long' };
  return senderFault && CONTENT.test(code) ? { status: 'refused', code, detail } : { status: 'retry', code };
}

function callFault(error: unknown, queueUrl: string, entries: number): BatchResult {
  const { name, code, message } = errorFields(error);
  const fault = entryFault(true, name, message);
  if (fault.status !== 'retry') {
    // One bad entry can have the whole call refused: find out which by sending them one by one.
    const result: SendResult = entries > 1 ? { status: 'too-long' } : fault;
    return { status: 'answered', results: Array.from({ length: entries }, () => result) };
  }
  return { status: 'unavailable', code: code === '' ? name : code, reason: reasonOf(name, code, message, queueUrl) };
}

function errorFields(error: unknown): { name: string; code: string; message: string } {
  if (!(error instanceof Error)) return { name: 'unknown', code: '', message: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { name: error.name, code, message: error.message };
}

/** What a user can do about it, in one line. */
function reasonOf(name: string, code: string, message: string, queueUrl: string): string {
  if (/QueueDoesNotExist|NonExistentQueue/.test(name)) {
    return `queue not found: ${queueUrl}; check QUEUE_URL and AWS_REGION`;
  }
  if (/AccessDenied|Forbidden/i.test(name)) {
    return `no permission to send to ${queueUrl}: the relay's AWS identity needs sqs:SendMessage on this queue`;
  }
  if (/Credentials|TokenProvider/.test(name)) {
    return 'no AWS credentials: give the relay an identity (IRSA, Pod Identity, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)';
  }
  if (
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|ExpiredToken|InvalidSecurity|InvalidAccessKeyId|IncompleteSignature|AuthFailure/.test(
      name,
    )
  ) {
    return `AWS refuses the relay's credentials (${name}): check the identity, the region and this machine's clock`;
  }
  if (/Region is missing/i.test(message)) return 'no AWS region: set AWS_REGION';
  if (/^Kms/i.test(name))
    return `the queue's KMS key cannot be used (${name}): the relay's AWS identity needs kms:GenerateDataKey and kms:Decrypt on it`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the host of the queue's endpoint cannot be resolved (${code}): check QUEUE_URL and AWS_ENDPOINT_URL`;
  return `the queue cannot be reached or does not accept (${code === '' ? name : code})`;
}
