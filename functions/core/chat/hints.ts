import type { ClusterEvent } from '../contract/event.ts';
import type { Hint } from './hint.ts';
import { nodeHints } from './node-hints.ts';
import { podHints } from './pod-hints.ts';
import { workloadHints } from './workload-hints.ts';

const hints: ReadonlyMap<string, readonly Hint[]> = new Map(
  Object.entries({ ...podHints, ...nodeHints, ...workloadHints }),
);

/** The reasons that have a hint. */
export const knownReasons: readonly string[] = [...hints.keys()];

// What tells the cases apart stands at the start of a message.
const MESSAGE_CHARACTERS = 4000;

export function hintFor(event: ClusterEvent): Hint | undefined {
  const message = event.message.slice(0, MESSAGE_CHARACTERS);
  return hints.get(event.reason)?.find(({ when }) => when === undefined || when.test(message));
}
