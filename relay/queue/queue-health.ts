import type { Logger } from '../log.ts';

/** Whether the queue accepts. Says so in the log when that changes. */
export interface QueueHealth {
  accepted(): void;
  /**
   * @param reason a sentence for users; `code` tells one reason from the next.
   * @param sinceMs when the call began, on the monotonic clock.
   */
  failed(code: string, reason: string, sinceMs: number): void;
  /** Why the queue does not accept; undefined while it does. Before the first answer: that there is none yet. */
  readonly trouble: string | undefined;
  /** For how long it has not accepted anything although it was asked to, in milliseconds. */
  readonly failingMs: number;
}

export function createQueueHealth(log: Logger): QueueHealth {
  let asked = false;
  let fault: { readonly code: string; readonly reason: string; readonly since: number } | undefined;
  return {
    accepted() {
      asked = true;
      if (fault === undefined) return;
      log('info', 'the queue accepts again', { afterSeconds: Math.round((performance.now() - fault.since) / 1000) });
      fault = undefined;
    },
    failed(code, reason, sinceMs) {
      asked = true;
      if (fault?.code !== code) log('error', reason, { code });
      fault = { code, reason, since: fault?.since ?? sinceMs };
    },
    get trouble() {
      return asked ? fault?.reason : 'nothing sent yet';
    },
    get failingMs() {
      return fault === undefined ? 0 : performance.now() - fault.since;
    },
  };
}
