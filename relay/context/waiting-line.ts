import { after } from '../wait.ts';

/** Lets messages wait for what is to be added to them, and go in the order in which they came. */
export interface WaitingLine {
  /**
   * Adds a message. `go` is called once: when all before it have gone, and `ready` has resolved or the message has waited for long
   * enough, which makes it late. Undefined is ready.
   * @param bytes that the message takes in memory.
   */
  add(ready: Promise<unknown> | undefined, bytes: number, go: (isLate: boolean) => void): void;
  /** Everything goes now, and nothing waits from now on. */
  flush(): void;
}

export interface LineLimits {
  /** How long a message waits. */
  readonly waitMs: number;
  /** How many wait, and how much memory they take: beyond, the first goes as it is. */
  readonly messages: number;
  readonly bytes: number;
}

interface Waiting {
  readonly bytes: number;
  readonly until: number;
  /** Undefined once it has gone: what it waited for may take longer, and must not hold the message. */
  go: ((isLate: boolean) => void) | undefined;
  isReady: boolean;
}

export function createWaitingLine(limits: LineLimits): WaitingLine {
  const line: Waiting[] = [];
  let bytes = 0;
  let stopTimer: (() => void) | undefined;
  let isOver = false;

  function next(): void {
    const first = line.shift();
    if (first === undefined) return;
    bytes -= first.bytes;
    const { go } = first;
    first.go = undefined;
    go?.(!first.isReady);
  }

  const isFull = (): boolean => line.length > limits.messages || bytes > limits.bytes;

  /** Lets go whoever does not have to wait any more. */
  function advance(): void {
    stopTimer?.();
    stopTimer = undefined;
    for (let first = line[0]; first !== undefined; first = line[0]) {
      const leftMs = first.until - performance.now();
      if (!first.isReady && leftMs > 0 && !isFull()) {
        stopTimer = after(leftMs, advance);
        return;
      }
      next();
    }
  }

  return {
    add(ready, size, go) {
      if (isOver || (ready === undefined && line.length === 0)) {
        go(ready !== undefined);
        return;
      }
      const waiting: Waiting = {
        bytes: size,
        until: performance.now() + limits.waitMs,
        go,
        isReady: ready === undefined,
      };
      line.push(waiting);
      bytes += size;
      void ready?.then(() => {
        waiting.isReady = true;
        if (line[0] === waiting) advance();
      });
      if (line.length === 1 || isFull()) advance();
    },
    flush() {
      isOver = true;
      stopTimer?.();
      while (line.length > 0) next();
    },
  };
}
