/** The longest delay of the exponential backoff. */
const BACKOFF_CAP_SECONDS = 15 * 60;
const MIN_SECONDS = 5;
const MAX_SECONDS = 11 * 60 * 60;

/**
 * How many receives SQS allows one message beyond the attempts that an event has: its own redrive is the net under functions
 * that crash or time out. One that runs writes the letter itself, with its reason.
 */
export const REDRIVE_MARGIN = 3;

/** How often an event has been tried: as many answers as it had are carried from message to message, and SQS counts receives. */
export interface Tries {
  /** Attempts that were answered, of the messages before this one. */
  readonly carried: number;
  /** How often this message was received, this time included. */
  readonly receives: number;
}

/** What is said of an event's attempts, this one included: receives that ended without an answer are among them. */
export function attemptsOf({ carried, receives }: Tries): number {
  return carried + receives;
}

/**
 * What an event carries on after this attempt. One that was answered counts; a receive that ended without an answer costs
 * nothing, because it may never have reached the function: SQS counts those that Lambda throttled, too.
 */
export function carriedOn({ carried }: Tries): number {
  return carried + 1;
}

/**
 * Whether an event that fails now is given up: it has had its attempts, or one message of it was received as often. That
 * happens where it keeps crashing the function, or where nothing can be written, and the end with a reason comes before SQS' own.
 */
export function isLastAttempt(tries: Tries, maxReceives: number): boolean {
  return carriedOn(tries) >= maxReceives || tries.receives >= maxReceives;
}

/** The delay after the n-th attempt, in seconds, without jitter: exponential from `baseSeconds`, at most 15 minutes. */
export function backoffSeconds(attempt: number, baseSeconds: number): number {
  return Math.min(BACKOFF_CAP_SECONDS, baseSeconds * 2 ** (attempt - 1));
}

/**
 * When an event is tried again, in whole seconds: the vendor's wish, else {@link backoffSeconds} by attempts. Jitter keeps a
 * burst from coming back as one; it only ever lengthens a vendor's wish, and never the longest backoff, which is SQS' longest delay.
 */
export function retryDelaySeconds(
  { attempts, afterMs, baseSeconds }: { attempts: number; afterMs?: number | undefined; baseSeconds: number },
  random: () => number,
): number {
  const seconds =
    afterMs === undefined
      ? Math.min(BACKOFF_CAP_SECONDS, backoffSeconds(attempts, baseSeconds) * (0.9 + 0.2 * random()))
      : (afterMs / 1000) * (1 + 0.1 * random());
  return Math.ceil(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, seconds)));
}
