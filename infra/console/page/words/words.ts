import { common } from './common.ts';
import { destinations } from './destinations.ts';
import { flow } from './flow.ts';
import { letters } from './letters.ts';
import { live } from './live.ts';
import { object } from './object.ts';
import type { Pair } from './say.ts';
import { silences } from './silences.ts';

/** Everything that the page says. */
export const words = {
  ...common,
  ...live,
  ...flow,
  ...letters,
  ...destinations,
  ...object,
  ...silences,
} as const satisfies Readonly<Record<string, Pair>>;

export type Word = keyof typeof words;
