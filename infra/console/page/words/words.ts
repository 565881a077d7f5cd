import { common } from './common.ts';
import { flow } from './flow.ts';
import { live } from './live.ts';
import type { Pair } from './say.ts';

/** Everything that the page says. */
export const words = { ...common, ...live, ...flow } as const satisfies Readonly<Record<string, Pair>>;

export type Word = keyof typeof words;
