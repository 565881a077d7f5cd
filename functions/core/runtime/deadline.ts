/** Kept back at the end of an invocation for letters, what is sent anew, and visibility. */
const RESERVE_MS = 5000;

/** Node takes no longer timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The one deadline of an invocation, in two parts. Whatever waits is given one of the signals. */
export interface Deadline {
  /** Aborts 5 s before the invocation ends, or halfway if less than 10 s remain: for reading, rendering and delivering. */
  readonly work: AbortSignal;
  /** Aborts when four fifths of that reserve are over: for letters, what is sent anew, and visibility. */
  readonly settling: AbortSignal;
  /** How long the invocation may still take, in milliseconds. */
  readonly leftMs: () => number;
  /** Stops the clock. The signals that have not aborted never will. Call it when the invocation is done. */
  end(): void;
}

/**
 * Starts the deadline of an invocation.
 *
 * Its timers keep the process awake until {@link Deadline.end}, which those of `AbortSignal.timeout` do not. Where nothing keeps it
 * awake, Lambda's runtime may end the invocation with success although the handler's promise is open
 * (aws-lambda-nodejs-runtime-interface-client, `BeforeExitListener`): the batch would be deleted undelivered.
 *
 * @param remainingMs what the context of the invocation says; may be a fraction.
 */
export function createDeadline(remainingMs: number): Deadline {
  const { workMs, settlingMs } = deadlineTimes(remainingMs);
  const end = performance.now() + remainingMs;
  const work = startTimer(workMs);
  const settling = startTimer(settlingMs);
  return {
    work: work.signal,
    settling: settling.signal,
    leftMs: () => Math.max(0, end - performance.now()),
    end() {
      clearTimeout(work.timer);
      clearTimeout(settling.timer);
    },
  };
}

/** When the parts of a deadline end, in whole milliseconds from now, neither of them after the time that remains. */
export function deadlineTimes(remainingMs: number): { readonly workMs: number; readonly settlingMs: number } {
  const remaining = Math.min(MAX_TIMER_MS, Math.max(0, remainingMs));
  const workMs = Math.floor(Math.max(remaining - RESERVE_MS, remaining / 2));
  return { workMs, settlingMs: Math.floor(workMs + ((remaining - workMs) * 4) / 5) };
}

function startTimer(ms: number) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException('the deadline of the invocation is over', 'TimeoutError')),
    ms,
  );
  return { signal: controller.signal, timer };
}
