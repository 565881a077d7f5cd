import type { Cell, Note } from '../../terminal/table.ts';

/** What to type for a command on this stack. */
export type Typed = (words: string) => string;

/** The tables of a terminal, in their order. */
export type TableName = 'queues' | 'destinations' | 'clusters' | 'silences';

export interface Row {
  readonly needsYou: boolean;
  readonly text: string;
  /** What to type about it. */
  readonly command?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** How it stands in a table of a terminal; all else has a line of its own. */
  readonly shown?: { readonly table: TableName; readonly cells: readonly Cell[]; readonly notes?: readonly Note[] };
}
