/** The longest delay of the exponential backoff. */
const BACKOFF_CAP_SECONDS = 15 * 60;
const MIN_SECONDS = 5;
/** SQS hides a message for 12 h at most, counted from its receipt. */
const MAX_SECONDS = 11 * 60 * 60;

/**
 * How many receives SQS allows beyond the attempts that a function makes: its own redrive is the net under functions that crash
 * or time out. One that runs writes the letter itself, with its reason.
 */
export const REDRIVE_MARGIN = 3;

/** The delay after the n-th attempt, in seconds, without jitter: exponential from `baseSeconds`, at most 15 minutes. */
export function backoffSeconds(attempt: number, baseSeconds: number): number {
  return Math.min(BACKOFF_CAP_SECONDS, baseSeconds * 2 ** Math.min(attempt - 1, 20));
}

/**
 * How long a message that must be retried stays invisible, in whole seconds: the vendor's wish, else {@link backoffSeconds} by
 * receive count. Jitter keeps a burst from coming back as one; a vendor's wish is only ever lengthened by it.
 */
export function retryDelaySeconds(
  { receives, afterMs, baseSeconds }: { receives: number; afterMs?: number | undefined; baseSeconds: number },
  random: () => number,
): number {
  const seconds =
    afterMs === undefined
      ? backoffSeconds(receives, baseSeconds) * (0.9 + 0.2 * random())
      : (afterMs / 1000) * (1 + 0.1 * random());
  return Math.ceil(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, seconds)));
}
