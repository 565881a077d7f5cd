/** What AWS' services say of a request or of one entry in it, as outcomes. */
import type { AwsTarget, CodeDoc } from '../../contract/config.ts';
import { delivered, rejected, retry, split, type Fate, type Outcome } from '../../contract/outcome.ts';
import { codeOf, messageOf, recordOf, textOf } from '../../contract/untrusted.ts';
import { transportFailure } from '../http.ts';

/** What is said of a failure by the names that AWS gives it, whether as an exception or as the code of an entry. */
const MEANINGS: readonly { readonly names: RegExp; readonly outcome: (detail: string) => Outcome }[] = [
  {
    names:
      /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|KMS.*Throttl|LimitExceeded|OverLimit|ProvisionedThroughput)/i,
    outcome: (detail) => retry('throttled', detail),
  },
  {
    names:
      /^(ServiceUnavailable|Internal|RequestTimeout(Exception)?$|OperationAborted|ConcurrentModification|KMS.*(Internal|Timeout|KeyUnavailable))/i,
    outcome: (detail) => retry('unavailable', detail),
  },
  {
    names: /^(ExpiredToken|RequestExpired|RequestTimeTooSkewed|CredentialsProvider)/i,
    outcome: (detail) => retry('credentials_expired', detail, { reconnect: true }),
  },
  {
    names: /KMS/i,
    outcome: (detail) => rejected('destination', 'key_unusable', detail),
  },
  {
    names: /^(AccessDenied|AuthorizationError|NotAuthorized)/i,
    outcome: (detail) => rejected('destination', 'access_denied', detail),
  },
  {
    names:
      /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|OptInRequired)/i,
    outcome: (detail) => rejected('destination', 'credentials_refused', detail),
  },
  {
    names:
      /^(ResourceNotFound|NotFound|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|InvalidAddress|EndpointDisabled|InvalidSource|UnsupportedOperation|MissingParameter)/i,
    outcome: (detail) => rejected('destination', 'target_unusable', detail),
  },
  {
    names: /^(AWS\.SimpleQueueService\.)?(BatchRequestTooLong|EntityTooLarge|RequestEntityTooLarge|MessageTooLong)/i,
    outcome: (detail) => split('too_large', detail),
  },
  {
    names: /^(ValidationE|InvalidParameter|InvalidArgument|InvalidAttribute|InvalidMessageContents|MalformedDetail)/i,
    outcome: (detail) => split('event_refused', detail),
  },
];

/** The parameters that name a resource: what is wrong with one is no fault of an event. */
const TARGET = /\b(TopicArn|QueueUrl|EventBus(Name)?|StreamARN|(Delivery)?StreamName|logGroupName)\b/i;

/** The outcome for what the SDK throws when a whole request fails. */
export function exceptionOutcome(thrown: unknown): Outcome {
  const { name, $metadata } = recordOf(thrown);
  const status = Number(recordOf($metadata)['httpStatusCode']);
  const message = thrown instanceof Error ? messageOf(thrown) : '';
  const known = meaningOf(textOf(name), message);
  // What a service fails at by itself condemns nothing.
  if (known && !(known.status === 'rejected' && status >= 500)) return known;
  // A broken socket has the name of a time-out too.
  const socket = codeOf(thrown) || (name === 'TimeoutError' || name === 'AbortError' ? 'ETIMEDOUT' : '');
  if (Number.isNaN(status) && socket !== '') return retry(...transportFailure(socket, message), { reconnect: true });
  if (status === 413) return split('too_large', detailOf(textOf(name), message));
  if (status >= 500) return retry('unavailable', detailOf(textOf(name), message));
  return retry('unexpected_reply', detailOf(textOf(name), message), { reconnect: true });
}

/** What a service says of one entry that it did not take. */
export interface EntryFailure {
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** Whether the service blames the entry; undefined where it does not say. */
  readonly isOurFault?: boolean | undefined;
}

/** The outcome for an entry that was not taken. */
export function entryOutcome({ code = 'no code', message = '', isOurFault = false }: EntryFailure): Fate {
  const known = meaningOf(code, message);
  if (known?.status === 'split') return rejected('event', known.code, known.detail);
  if (known) return known;
  const detail = detailOf(code, message);
  return isOurFault ? rejected('event', 'event_refused', detail) : retry('entry_failed', detail);
}

/** Entries with their index as the id that {@link outcomesById} looks for. */
export function entriesById<Entry extends object>(
  entries: readonly Entry[],
): readonly (Entry & { readonly Id: string })[] {
  return entries.map((entry, index) => ({ Id: String(index), ...entry }));
}

/** Outcomes where a service answers each entry by the id it was given: here, its index. */
export function outcomesById(
  count: number,
  successful: readonly { readonly Id?: string | undefined }[] = [],
  failed: readonly {
    readonly Id?: string | undefined;
    readonly Code?: string | undefined;
    readonly Message?: string | undefined;
    readonly SenderFault?: boolean | undefined;
  }[] = [],
): readonly Fate[] {
  const taken = new Set(successful.map(({ Id }) => Id));
  const refused = new Map(failed.map((failure) => [failure.Id, failure]));
  return Array.from({ length: count }, (_, index): Fate => {
    const failure = refused.get(String(index));
    if (failure) return entryOutcome({ code: failure.Code, message: failure.Message, isOurFault: failure.SenderFault });
    return taken.has(String(index)) ? delivered : retry('unexpected_reply', 'the reply does not name the entry');
  });
}

/** Outcomes where a service answers each entry in its place: with a code, where it was not taken. */
export function outcomesByPlace(count: number, entries: readonly EntryFailure[] = []): readonly Fate[] {
  if (entries.length !== count)
    return Array.from({ length: count }, () =>
      retry('unexpected_reply', `the reply has ${entries.length} entries, want ${count}`),
    );
  return entries.map((entry) => (entry.code === undefined ? delivered : entryOutcome(entry)));
}

function meaningOf(name: string, message: string): Outcome | undefined {
  const known = MEANINGS.find(({ names }) => names.test(name))?.outcome(detailOf(name, message));
  return known?.status === 'split' && TARGET.test(message)
    ? rejected('destination', 'target_unusable', known.detail)
    : known;
}

/** Validation errors repeat the value, which is an event's. */
function detailOf(name: string, message: string): string {
  const said = message.replaceAll(/(value )'.*?'(?= at )/gis, '$1');
  return said === '' ? name : `${name}: ${said}`;
}

/** The codes above, for a sink's table. */
export function awsCodes(type: string, { what, actions }: AwsTarget) {
  return {
    access_denied: {
      status: 'rejected',
      meaning: `The function's role may not write to the ${what}, or the policy of the ${what} in another account does not allow the role.`,
      advice: `Name the ARN in the setting \`sinks.${type}.targets\` and deploy, which allows ${actions.join(', ')}; see "Set up" for another account. Then replay.`,
    },
    key_unusable: {
      status: 'rejected',
      meaning: `The ${what} is encrypted with a KMS key that the function's role may not use, or that is disabled.`,
      advice: `Allow the role the key: see "Set up". Then replay.`,
    },
    target_unusable: {
      status: 'rejected',
      meaning: `The ${what} does not exist in the account and region of its ARN, or takes no requests of this kind.`,
      advice: 'Correct the ARN, or create it. Then replay.',
    },
    credentials_refused: {
      status: 'rejected',
      meaning: 'AWS does not know the credentials of the function, or the account may not use the region.',
      advice:
        'Is the region of the ARN enabled for the account, and of the same partition? Has `endpoint` the right region?',
    },
    throttled: {
      status: 'retry',
      meaning: `The quota of the account or of the ${what} is used up for the moment.`,
      advice: 'Nothing, unless it lasts: then have the quota raised.',
    },
    unavailable: { status: 'retry', meaning: 'The service failed.', advice: 'Nothing, unless it lasts.' },
    credentials_expired: {
      status: 'retry',
      meaning: 'The credentials of the function had expired, or could not be read.',
      advice: 'Nothing: the next attempt asks for new ones.',
    },
    entry_failed: {
      status: 'retry',
      meaning: 'The service did not take this event now; the detail has its code.',
      advice: 'Nothing, unless it lasts.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'The service refuses this event; the detail says why.',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    too_large: {
      status: 'rejected',
      meaning: `The event is larger than the service, or this ${what}, takes.`,
      advice: `Raise the limit of the ${what} if it has one, then replay; or drop the letter.`,
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of the service, or does not say what became of each event.',
      advice: 'Check the option `endpoint`.',
    },
  } as const satisfies Readonly<Record<string, CodeDoc>>;
}
