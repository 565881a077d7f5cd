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

/** What went wrong with a call or an entry, as SQS or the network names it. */
export interface QueueFault {
  readonly name: string;
  readonly message: string;
}

const TOO_LONG = /TooLong|TooLarge/i;
/** Faults of an entry's content. Anything else is somebody else's fault, and passes. */
const CONTENT =
  /(?:^|\.)(?:InvalidMessageContents|InvalidParameterValue|InvalidAttributeValue|InvalidAttributeName|MissingParameter|ValidationError|ValidationException|SerializationException)$/;
const LENGTH_TEXT = /must be shorter|too long|longer than|exceed/i;

/** What a fault of one entry means for it. */
export function entryFault(isSenderFault: boolean, { name, message }: QueueFault): SendResult {
  if (TOO_LONG.test(name) || (CONTENT.test(name) && LENGTH_TEXT.test(message))) return { status: 'too-long' };
  return isSenderFault && CONTENT.test(name)
    ? { status: 'refused', code: name, detail: message.slice(0, 200) }
    : { status: 'retry', code: name };
}

/** What a fault of a whole call means. */
export function callFault(fault: QueueFault, queueUrl: string, entries: number): BatchResult {
  const one = entryFault(true, fault);
  if (one.status === 'retry') return { status: 'unavailable', code: fault.name, reason: reasonOf(fault, queueUrl) };
  // One bad entry can have the whole call refused: sent one by one, they show which.
  const result: SendResult = entries > 1 ? { status: 'too-long' } : one;
  return { status: 'answered', results: Array.from({ length: entries }, () => result) };
}

/** What a user can do about it, in one line. */
function reasonOf({ name, message }: QueueFault, queueUrl: string): string {
  if (/QueueDoesNotExist|NonExistentQueue/.test(name)) {
    return `queue not found: ${queueUrl}; check QUEUE_URL and AWS_REGION`;
  }
  if (/^Kms/i.test(name)) {
    return `the queue's KMS key cannot be used (${name}): the relay's AWS identity needs kms:GenerateDataKey and kms:Decrypt on it`;
  }
  if (/AccessDenied|http_403/i.test(name)) {
    return `no permission to send to ${queueUrl}: the relay's AWS identity needs sqs:SendMessage on this queue`;
  }
  if (/Credentials|TokenProvider/i.test(name) && !/Invalid/.test(name)) {
    return `no AWS credentials: give the relay an identity (IRSA, Pod Identity, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); ${firstLine(message)}`;
  }
  if (
    /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|ExpiredToken|InvalidSecurity|InvalidAccessKeyId|IncompleteSignature|AuthFailure|TimeTooSkewed/.test(
      name,
    )
  ) {
    return `AWS refuses the relay's credentials (${name}): check the identity, the region and this machine's clock`;
  }
  if (name === 'ENOTFOUND' || name === 'EAI_AGAIN') {
    return `the host of the queue cannot be resolved (${name}): check QUEUE_URL and AWS_ENDPOINT_URL`;
  }
  return `the queue cannot be reached or does not accept (${name})`;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
