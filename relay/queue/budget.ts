import type { SendBudget } from '../config.ts';

/** Tokens for sends: there are at most `burst`, and one more every 1/`perSecond` seconds. */
export interface Tokens {
  /** Takes one, or what there is of one. */
  spend(): void;
  /** How long until there is one, in whole milliseconds; 0 if there is. */
  waitMs(): number;
}

export function createTokens({ perSecond, burst }: SendBudget, now: () => number = () => performance.now()): Tokens {
  let tokens = burst;
  let at = now();

  /** What is missing to a whole token, not counting what arithmetic loses. */
  function missing(): number {
    const to = now();
    tokens = Math.min(burst, tokens + ((to - at) / 1000) * perSecond);
    at = to;
    return Math.max(0, 1 - tokens - 1e-9);
  }

  return {
    spend() {
      missing();
      tokens = Math.max(0, tokens - 1);
    },
    waitMs: () => Math.ceil((missing() / perSecond) * 1000),
  };
}
