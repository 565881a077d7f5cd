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

/** @param known - what there is to tell already. */
export function createReport(known: readonly Note[] = []): Report {
  const notes = [...known];
  return {
    notes,
    add(kind, place, message) {
      const isTold = notes.some((note) => note.kind === kind && note.place === place && note.message === message);
      if (!isTold) notes.push({ kind, place, message });
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

/** What an import makes of a text: destinations with their secrets, and what there is to tell of them. */
export interface Imported {
  readonly drafts: readonly Draft[];
  readonly notes: readonly Note[];
}

/** A name that may stand in a parameter's name, free among those taken. */
export function freeName(wanted: string, type: string, drafts: readonly Draft[]): string {
  const base =
    wanted
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 90) || 'imported';
  const taken = (name: string): boolean => drafts.some((draft) => draft.type === type && draft.name === name);
  if (!taken(base)) return base;
  for (let number = 2; ; number += 1) if (!taken(`${base}-${number}`)) return `${base}-${number}`;
}

/** What manifests hold in place of a value: [your_webhook_url], <your-token>, [Normal or Warning (default)]. */
export const PLACEHOLDER_TEXT = /^\s*(\[[A-Za-z][^\]]*\]|<[A-Za-z][^>]*>)\s*$/;
