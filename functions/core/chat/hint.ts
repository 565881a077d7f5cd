import type { Logs } from './kubectl.ts';
import type { Language } from './options.ts';

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
