import { faultName, type Fault } from '../../functions/core/aws/json-service.ts';
import { codeOf, listOf, messageOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { CredentialsError } from './credentials.ts';

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
export type BatchResult = { readonly status: 'answered'; readonly results: readonly SendResult[] } | Unavailable;

/** The queue could not be used at all: nothing of the batch is known to be accepted. */
export interface Unavailable {
  readonly status: 'unavailable';
  /** Tells one reason from another, also as a metric's label. */
  readonly code: string;
  /** A sentence for users. */
  readonly reason: string;
}

/** Which queue, and how it is reached, for people. */
export interface QueuePlace {
  readonly queueUrl: string;
  readonly host: string;
  /** Without user and password; absent where none is used. */
  readonly proxy?: string;
}

const TOO_LONG = /TooLong|TooLarge/;
/** Faults of an entry's content. Anything else is somebody else's fault, and passes. */
const CONTENT =
  /(?:^|\.)(?:InvalidMessageContents|InvalidParameterValue|InvalidAttributeValue|InvalidAttributeName|MissingParameter|ValidationError|ValidationException|SerializationException)$/;
const LENGTH_TEXT = /must be shorter|too long|longer than|exceed/i;
const CREDENTIALS =
  /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|ExpiredToken|InvalidSecurity|InvalidAccessKeyId|IncompleteSignature|AuthFailure|TimeTooSkewed/;
const ACCESS_DENIED = /AccessDenied|http_403/;
const KMS = /^Kms/i;
/** Node's codes: there was no answer of SQS. */
const NETWORK = /^E[A-Z0-9_]+$/;

/** What a fault of one entry means for it. */
export function entryFault(isSenderFault: boolean, { name, message }: Fault): SendResult {
  if (TOO_LONG.test(name) || (CONTENT.test(name) && LENGTH_TEXT.test(message))) return { status: 'too-long' };
  return isSenderFault && CONTENT.test(name)
    ? { status: 'refused', code: name, detail: message.slice(0, 200) }
    : { status: 'retry', code: name };
}

/** Whether other credentials may help: these have expired, are not known, or their session was revoked. */
export function isCredentialFault({ name }: Fault): boolean {
  return CREDENTIALS.test(name) || (ACCESS_DENIED.test(name) && !KMS.test(name));
}

/** What a call's answer means, which has a result for each entry. */
export function entriesAnswered(body: unknown, entries: number, place: QueuePlace): BatchResult {
  const results = Array.from({ length: entries }, (): SendResult => ({ status: 'retry', code: 'no_result' }));
  const faults: Fault[] = [];
  const { Successful, Failed } = recordOf(body);
  for (const { Id } of listOf(Successful).map(recordOf)) {
    if (isIndex(Id, entries)) results[Number(Id)] = { status: 'accepted' };
  }
  for (const { Id, SenderFault, Code, Message } of listOf(Failed).map(recordOf)) {
    const fault = { name: faultName(Code) || 'unknown', message: textOf(Message) };
    faults.push(fault);
    if (isIndex(Id, entries)) results[Number(Id)] = entryFault(SenderFault === true, fault);
  }
  if (results.some(({ status }) => status !== 'retry')) return { status: 'answered', results };
  // What fails for all alike is not a fault of the entries.
  const [fault = { name: 'no_result', message: '' }] = faults;
  return unavailable(fault, place);
}

/** What a fault of a whole call means. */
export function callFault(fault: Fault, entries: number, place: QueuePlace): BatchResult {
  const result = entryFault(true, fault);
  if (result.status === 'retry') return unavailable(fault, place);
  // One bad entry can have the whole call refused: sent one by one, they show which.
  return { status: 'answered', results: Array.from({ length: entries }, () => result) };
}

/** What it means that there was no answer at all. */
export function notCalled(error: unknown, place: QueuePlace): BatchResult {
  if (error instanceof CredentialsError) {
    return { status: 'unavailable', code: error.code, reason: error.message };
  }
  const name = codeOf(error) || (error instanceof Error ? error.name : 'unknown');
  return unavailable({ name, message: messageOf(error) }, place);
}

function unavailable(fault: Fault, place: QueuePlace): Unavailable {
  return { status: 'unavailable', code: fault.name, reason: reasonOf(fault, place) };
}

/** What a user can do about it, in one line. */
function reasonOf({ name }: Fault, { queueUrl, host, proxy }: QueuePlace): string {
  if (/QueueDoesNotExist|NonExistentQueue/.test(name)) {
    return `queue not found: ${queueUrl}; check QUEUE_URL and AWS_REGION`;
  }
  if (KMS.test(name) && !/Throttl/i.test(name)) {
    return `the queue's KMS key cannot be used (${name}): the relay's AWS identity needs kms:GenerateDataKey and kms:Decrypt on it`;
  }
  if (ACCESS_DENIED.test(name)) {
    return `no permission to send to ${queueUrl}: the relay's AWS identity needs sqs:SendMessage on this queue`;
  }
  if (CREDENTIALS.test(name)) {
    return `AWS refuses the relay's credentials (${name}): check the identity, the region and this machine's clock`;
  }
  if (name === 'no_result') {
    return `${host} answers what no SQS answers: check QUEUE_URL and AWS_ENDPOINT_URL`;
  }
  if (proxy !== undefined && NETWORK.test(name)) {
    return `the queue cannot be reached through the proxy ${proxy} (${host}: ${name}): check HTTPS_PROXY and NO_PROXY`;
  }
  if (name === 'ENOTFOUND' || name === 'EAI_AGAIN') {
    return `the host of the queue cannot be resolved (${host}: ${name}): check QUEUE_URL and AWS_ENDPOINT_URL`;
  }
  if (name === 'ETIMEDOUT') return `the queue does not answer (${host})`;
  return `the queue cannot be reached or does not accept (${host}: ${name})`;
}

function isIndex(id: unknown, entries: number): boolean {
  const index = Number(id);
  return Number.isInteger(index) && index >= 0 && index < entries;
}
