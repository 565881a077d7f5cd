import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { messageOf, recordOf, textOf } from '../../core/contract/untrusted.ts';
import { exceptionOutcome } from '../../core/kit/aws/outcomes.ts';

/** What S3 calls by names of its own: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const MEANINGS: readonly {
  readonly names: RegExp;
  readonly status?: number;
  readonly outcome: (detail: string) => Outcome;
}[] = [
  // The same batch is there.
  { names: /^PreconditionFailed$/, status: 412, outcome: () => delivered },
  {
    names: /^(ConditionalRequestConflict|BadDigest|IncompleteBody|RequestTimeout)$/,
    status: 409,
    outcome: (detail) => retry('unavailable', detail),
  },
  {
    names: /^NotImplemented$/,
    status: 501,
    outcome: (detail) => rejected('destination', 'conditional_writes_missing', detail),
  },
  { names: /^KeyTooLongError$/, outcome: (detail) => split('event_refused', detail) },
  {
    names:
      /^(NoSuchBucket|InvalidBucketName|PermanentRedirect|AuthorizationHeaderMalformed|AllAccessDisabled|MethodNotAllowed)$/,
    outcome: (detail) => rejected('destination', 'target_unusable', detail),
  },
];

/** Where the reply has no name in it, as of a proxy or of a store that is not S3. */
const BY_STATUS: Readonly<Record<number, (detail: string) => Outcome>> = {
  301: (detail) => rejected('destination', 'target_unusable', detail),
  403: (detail) => rejected('destination', 'access_denied', detail),
  404: (detail) => rejected('destination', 'target_unusable', detail),
};

/** The outcome for what the SDK throws when an object was not made. */
export function putOutcome(thrown: unknown): Outcome {
  const { name, $metadata } = recordOf(thrown);
  const status = Number(recordOf($metadata)['httpStatusCode']);
  const code = textOf(name);
  const detail = [code, thrown instanceof Error ? messageOf(thrown) : ''].filter(Boolean).join(': ');
  const known = MEANINGS.find((each) => each.names.test(code) || each.status === status);
  if (known) return known.outcome(detail);
  const outcome = exceptionOutcome(thrown);
  return outcome.status === 'retry' && outcome.code === 'unexpected_reply'
    ? (BY_STATUS[status]?.(`HTTP ${status}`) ?? outcome)
    : outcome;
}
