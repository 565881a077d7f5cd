import type { SilenceView } from '../../contract.ts';

/** In the order in which they are shown. */
export const GROUPS = ['inForce', 'broken', 'ended'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf({ problem, until }: SilenceView, now = Date.now()): Group {
  if (problem !== undefined) return 'broken';
  return until !== undefined && Date.parse(until) <= now ? 'ended' : 'inForce';
}
