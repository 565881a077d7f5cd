/** How long one attempt of a call to an AWS service may take, in milliseconds. */
export interface CallLimits {
  readonly connectMs: number;
  /** Until the answer begins, and then for each silence within it. */
  readonly answerMs: number;
}

/**
 * The `requestHandler` options of an SDK client that keep its attempts within limits. All of them are needed: by itself
 * `requestTimeout` only warns, it ends where the answer's headers begin, and without `socketTimeout` a body may take 15 minutes
 * (`NodeHttpHandler` of @smithy/node-http-handler 4.14).
 */
export function requestLimits({ connectMs, answerMs }: CallLimits) {
  return {
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    socketTimeout: answerMs,
    throwOnRequestTimeout: true,
  };
}

/** What `work` resolves to, unless the signal aborts first: then it rejects with the signal's reason. The work itself goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  // Whichever loses the race must not end the process as an unhandled rejection.
  aborted.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
