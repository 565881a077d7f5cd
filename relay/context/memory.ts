import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { Owner } from '../../functions/core/contract/owner.ts';
import { type Fact, factsOf } from './facts.ts';
import type { ObjectRef } from './object.ts';

/** What events have told of owners and nodes. Bounded: what was of no use for the longest time is forgotten. */
export interface ContextMemory {
  learn(event: KubeEvent): void;
  /** The object's controller, if one was told. */
  ownerOf(object: Named): Owner | undefined;
  /** The node that the object is on, if it was told. */
  nodeOf(object: Named): string | undefined;
  /** How many objects are remembered. */
  readonly size: number;
}

type Named = Pick<ObjectRef, 'kind' | 'namespace' | 'name'>;

interface Entry {
  readonly key: string;
  owner: Owner | undefined;
  node: string | undefined;
}

/** So many names of nodes and controllers are held once for all objects. */
const SHARED_NAMES = 5000;

/** @param limit how many objects are remembered. */
export function createContextMemory(limit: number): ContextMemory {
  const entries = new Map<string, Entry>();
  const names = new Map<string, string>();

  /** The text as all entries share it. */
  function shared(text: string): string {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= SHARED_NAMES) names.clear();
    const copy = copyOf(text);
    names.set(copy, copy);
    return copy;
  }

  /** The object's entry, from now on the most recent one. */
  function recall(object: Named): Entry | undefined {
    const entry = entries.get(keyOf(object));
    if (entry === undefined) return undefined;
    entries.delete(entry.key);
    entries.set(entry.key, entry);
    return entry;
  }

  function begin(object: Named): Entry {
    const entry: Entry = { key: copyOf(keyOf(object)), owner: undefined, node: undefined };
    entries.set(entry.key, entry);
    if (entries.size > limit) forgetOldest();
    return entry;
  }

  function forgetOldest(): void {
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      return;
    }
  }

  function remember({ object, owner, node }: Fact): void {
    const entry = recall(object) ?? begin(object);
    if (node !== undefined && node !== entry.node) entry.node = shared(node);
    if (owner === undefined || (owner.name === entry.owner?.name && owner.kind === entry.owner.kind)) return;
    entry.owner = { kind: shared(owner.kind), name: shared(owner.name) };
  }

  return {
    learn(event) {
      for (const fact of factsOf(event)) remember(fact);
    },
    ownerOf: (object) => recall(object)?.owner,
    nodeOf: (object) => recall(object)?.node,
    get size() {
      return entries.size;
    },
  };
}

function keyOf({ kind, namespace, name }: Named): string {
  return `${namespace}/${kind}/${name}`;
}

/** A part of a text keeps the whole of it in memory, here a message; a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
