const CAP_SECONDS = 15 * 60;
const MIN_SECONDS = 5;
/** SQS hides a message for 12 h at most, counted from its receipt. */
const MAX_SECONDS = 11 * 60 * 60;

/**
 * How long a message that must be retried stays invisible, in whole seconds: the vendor's wish, else exponential from
 * `baseSeconds` by receive count up to 15 minutes. Jitter keeps a burst from coming back as one; a vendor's wish is only
 * ever lengthened by it.
 */
export function retryDelaySeconds(
  { receives, afterMs, baseSeconds }: { receives: number; afterMs?: number | undefined; baseSeconds: number },
  random: () => number,
): number {
  const seconds =
    afterMs === undefined
      ? Math.min(CAP_SECONDS, baseSeconds * 2 ** Math.min(receives - 1, 20)) * (0.9 + 0.2 * random())
      : (afterMs / 1000) * (1 + 0.1 * random());
  return Math.ceil(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, Math.min(seconds, MAX_SECONDS))));
}
