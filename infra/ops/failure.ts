import { codeOf } from '../../functions/core/contract/untrusted.ts';
import { unknownHost } from '../../functions/core/kit/http.ts';

const THROTTLED =
  /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestThrottled|RequestLimitExceeded|OverLimit|SlowDown)$/;
const UNREACHABLE = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)$/;

/** What the AWS SDK's errors mean for the person, by their names. Nothing else is known of what may be thrown. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^CredentialsProviderError$/,
    'there are no AWS credentials: log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  [/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/, 'the AWS credentials have expired: log in again'],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|AuthFailure)$/,
    'AWS does not accept the credentials: check AWS_PROFILE or the access key, and that the region is enabled',
  ],
  [THROTTLED, 'AWS throttles the calls: wait a minute and repeat the command; what was done stays done'],
];

/** A failure as one line that says what to do. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  const [line = ''] = message.split('\n');
  if (/^Region (is missing|not accepted)/.test(message)) {
    return 'there is no AWS region: set AWS_REGION, or region in the profile';
  }
  if (name === 'AbortError') return 'interrupted: repeat the command';
  const advice = ADVICE.find(([pattern]) => pattern.test(name))?.[1];
  if (advice !== undefined) return advice;
  if (/AccessDenied|NotAuthorized/.test(name)) return `AWS does not allow it: ${line}`;
  const host = unknownHost(line);
  if (host !== undefined)
    return `AWS cannot be reached: the host ${host} cannot be found: check AWS_REGION, AWS_ENDPOINT_URL and the network`;
  const code = 'code' in error ? String(error.code) : '';
  if (UNREACHABLE.test(code) || name === 'TimeoutError') {
    return `AWS cannot be reached (${code || name}): check the network, AWS_REGION and AWS_ENDPOINT_URL`;
  }
  return line === '' || name === 'Error' ? line || name : `${name}: ${line}`;
}

/** Whether a failure passes by itself: AWS throttles, fails, or cannot be reached for a while. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name } = error;
  const isServers = '$fault' in error && error.$fault === 'server';
  return isServers || THROTTLED.test(name) || name === 'TimeoutError' || UNREACHABLE.test(codeOf(error));
}
