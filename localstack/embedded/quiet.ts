/** After how long without a line one is told; the last one from then on. */
const STEPS_MS = [10_000, 60_000, 300_000, 900_000] as const;

/** Tells of silence, ever more rarely. */
export interface Quiet {
  /** Something was shown. */
  heard(): void;
  stop(): void;
}

/**
 * Tells somebody who looks on, and sees nothing, that it goes on: after ten seconds, then a minute, then ever more rarely.
 * @param tell takes for how long it has been quiet, in milliseconds.
 */
export function startQuiet(tell: (quietMs: number) => void): Quiet {
  let told = 0;
  let heardAt = Date.now();
  let timer: NodeJS.Timeout;
  wait();
  return {
    heard() {
      heardAt = Date.now();
      timer.refresh();
    },
    stop: () => clearTimeout(timer),
  };

  function wait(): void {
    timer = setTimeout(() => {
      told += 1;
      // First, because to tell something is to be heard.
      wait();
      tell(Date.now() - heardAt);
    }, STEPS_MS[told] ?? STEPS_MS[3]);
  }
}
