import type { ClusterEvent } from '../contract/event.ts';
import type { Logs } from './kubectl.ts';
import type { Language } from './options.ts';
import { nodeHints } from './node-hints.ts';
import { podHints } from './pod-hints.ts';
import { workloadHints } from './workload-hints.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** What an event of a well-known reason means and what to look at first, for the person who is on call. */
export interface Hint {
  /** Applies only to messages that match; the first hint of a reason that applies is taken. */
  readonly when?: RegExp;
  /** Where it differs from what the event's type says; node events, for one, are of type Normal even when the node is lost. */
  readonly severity?: Severity;
  /** Critical only from this many occurrences on: before that it often repairs itself. */
  readonly criticalFrom?: number;
  readonly logs?: Logs;
  readonly text: Readonly<Record<Language, string>>;
}

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

export function severityOf(event: ClusterEvent, hint: Hint | undefined): Severity {
  if (hint?.criticalFrom !== undefined && event.count >= hint.criticalFrom) return 'critical';
  return hint?.severity ?? (event.type === 'Normal' ? 'info' : 'warning');
}
