/** The trees below a prefix or folder: what to do, the secrets it takes, and what is held for a while. */
export type Tree = 'destinations' | 'secrets' | 'silences';

/** A document as stored. */
export interface StoredDocument {
  readonly version: string;
  readonly text: string;
}

/** A document that is there but cannot be read, such as a secret whose key is disabled. */
export interface UnreadableDocument {
  /** One line for logs and people, without any of the document's text. */
  readonly failure: string;
}

/** A document that is there, with its text where listing gives it. */
export type ListedDocument = StoredDocument | UnreadableDocument | { readonly version: string };

/**
 * Where destinations and silences are stored. A destination's documents are named `<type>/<name>`, a silence's `<name>`. A call rejects when the store cannot be read, or the signal
 * aborts; what concerns one document alone stands in its place.
 */
export interface DocumentSource {
  /** Every document of a tree, or of one type in it. What is encrypted comes without text: only {@link read} decrypts. */
  list(tree: Tree, type?: string, signal?: AbortSignal): Promise<ReadonlyMap<string, ListedDocument>>;
  /** The texts of documents in their newest version; one that has gone is absent. */
  read(
    tree: Tree,
    ids: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredDocument | UnreadableDocument>>;
  /** All versions of a document that the store still has, newest first. */
  history(tree: Tree, id: string, signal?: AbortSignal): Promise<readonly StoredDocument[]>;
  /** How long a listing may be used, in milliseconds. */
  readonly maxAgeMs: () => number;
}
