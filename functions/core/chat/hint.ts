import type { Logs } from './kubectl.ts';
import type { Language } from './options.ts';

/** What an event of a well-known reason means and what to look at first, for the person who is on call. */
export interface Hint {
  /** Applies only to messages that match; the first hint of a reason that applies is taken. */
  readonly when?: RegExp;
  readonly logs?: Logs;
  readonly text: Readonly<Record<Language, string>>;
}
