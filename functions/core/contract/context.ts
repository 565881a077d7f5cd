import type { Owner } from './owner.ts';
import { recordOf, textOf, textsOf } from './untrusted.ts';

/** What the relay knows of the object that an event is about, and of its namespace. Each part only where it is known. */
export interface EventContext {
  /** The topmost controller of the object: of a Deployment's pod the Deployment. Absent of what has none. */
  readonly owner?: ContextOwner;
  /** The node that the object is on, or is. */
  readonly node?: string;
  /** Of the object. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly namespaceAnnotations?: Readonly<Record<string, string>>;
}

export interface ContextOwner extends Owner {
  /** It follows from how things are usually named and made, and was not told. */
  readonly guessed?: true;
}

/** The context that a message carries, as far as its fields hold what they should; unknown ones travel on. */
export function parseContext(value: unknown): EventContext {
  const { owner, node, labels, annotations, namespaceLabels, namespaceAnnotations, ...unknownFields } = recordOf(value);
  const known = { labels, annotations, namespaceLabels, namespaceAnnotations };
  const { kind, name, guessed } = recordOf(owner);
  return {
    ...unknownFields,
    ...(textOf(kind) !== '' &&
      textOf(name) !== '' && {
        owner: { kind: textOf(kind), name: textOf(name), ...(guessed === true && { guessed }) },
      }),
    ...(textOf(node) !== '' && { node: textOf(node) }),
    ...Object.fromEntries(
      Object.entries(known).flatMap(([field, texts]) => (texts === undefined ? [] : [[field, textsOf(texts)]])),
    ),
  };
}
