/** How often something happens. */
export interface Rate {
  count(): void;
  perSecond(): number;
}

const WINDOW_MS = 500;

/** A rate over about the last half second: what happened counts less the longer ago it was. */
export function createRate(now: () => number = () => performance.now()): Rate {
  let weight = 0;
  let at = now();
  function decay(): void {
    const to = now();
    weight *= Math.exp((at - to) / WINDOW_MS);
    at = to;
  }
  return {
    count() {
      decay();
      weight += 1;
    },
    perSecond() {
      decay();
      return (weight / WINDOW_MS) * 1000;
    },
  };
}
