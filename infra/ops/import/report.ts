export { FILL_IN, FILL_IN_LABEL } from '../../../functions/core/destinations/placeholders.ts';

/** What an import has to tell, one line each. `refuse` means that nothing is written. */
export interface Note {
  readonly kind: 'refuse' | 'fill in' | 'not carried' | 'changed' | 'note';
  /** Where in the source or in the result. */
  readonly place: string;
  readonly message: string;
}

/** Collects what could not be carried over, so that nothing is dropped without a word. */
export interface Report {
  readonly notes: readonly Note[];
  add(kind: Note['kind'], place: string, message: string): void;
}

export function createReport(): Report {
  const notes: Note[] = [];
  return {
    notes,
    add(kind, place, message) {
      const known = notes.some((note) => note.kind === kind && note.place === place && note.message === message);
      if (!known) notes.push({ kind, place, message });
    },
  };
}

/** A destination as the import found it, before it is checked and written. */
export interface Draft {
  readonly type: string;
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** What manifests hold in place of a value: [your_webhook_url], <your-token>, [Normal or Warning (default)]. */
export const PLACEHOLDER_TEXT = /^\s*(\[[A-Za-z][^\]]*\]|<[A-Za-z][^>]*>)\s*$/;
