import { requestLimits } from '../../contract/limits.ts';
import type { AwsAccess } from '../../contract/sink.ts';
import { arnParts } from './target.ts';

/** The queue is what tries again. One more attempt covers a connection that was lost while the function was frozen. */
const MAX_ATTEMPTS = 2;
/** A call to a service: {@link requestLimits}. */
export const AWS_LIMITS = requestLimits({ connectMs: 3000, answerMs: 10_000 });

/** How a client of AWS' SDK reaches the service of a resource: in the resource's region, with the function's role. */
export function awsClientSettings(aws: AwsAccess, arn: string, endpoint: string | undefined) {
  return {
    region: arnParts(arn).region,
    credentials: () => aws.credentials(),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: AWS_LIMITS,
    ...(endpoint !== undefined && { endpoint }),
  };
}
