import type { Logger } from '../log.ts';

/** Whether the queue accepts. Says so in the log when that changes. */
export interface QueueHealth {
  accepted(): void;
  /** @param reason a sentence for users; `code` tells one reason from the next. */
  failed(code: string, reason: string): void;
  /** Why the queue does not accept; undefined while it does. Before the first answer: that there is none yet. */
  readonly trouble: string | undefined;
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
    failed(code, reason) {
      asked = true;
      if (fault?.code !== code) log('error', reason, { code });
      fault = { code, reason, since: fault?.since ?? performance.now() };
    },
    get trouble() {
      return asked ? fault?.reason : 'nothing sent yet';
    },
  };
}
