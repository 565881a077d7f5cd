import type { EventContext } from '../../functions/core/contract/context.ts';
import { learnedController, learnedNode } from './learned-context.ts';
import type { Answer, Lookup } from './lookup.ts';
import type { ContextMemory } from './memory.ts';
import type { Metadata } from './metadata.ts';
import type { ObjectRef } from './object.ts';
import { topmostOwner } from './owner.ts';

/** Where context comes from. */
export interface ContextSources {
  readonly memory: ContextMemory;
  readonly lookup: Pick<Lookup, 'get'>;
  /** The namespaces' metadata, where all are watched; otherwise each is looked up. */
  readonly namespaces: { of(name: string): Metadata | undefined } | undefined;
}

/** What is known of an object now. */
export interface Asked {
  readonly context: EventContext;
  /** What the API server is to be asked about, to know more. */
  readonly due: ObjectRef | undefined;
  /** What it said of the object itself; undefined if it was not asked. */
  readonly answer: Answer['kind'] | undefined;
}

/** An object's context: what the API server said of it and of its controllers decides, and what events have told is the rest. */
export function askedContext({ memory, lookup, namespaces }: ContextSources, object: ObjectRef): Asked {
  let due: ObjectRef | undefined;
  /** Whether a controller was named that is still to be asked about: there may be another one above it. */
  let isOpen = false;
  function ask(about: ObjectRef): Answer | undefined {
    const { answer, isDue } = lookup.get(about);
    if (isDue) due ??= about;
    return answer;
  }
  function namespaceOf(name: string): Metadata | undefined {
    if (name === '') return undefined;
    return namespaces === undefined ? metadataIn(ask(namespaceRef(name))) : namespaces.of(name);
  }

  const own = ask(object);
  const owner = topmostOwner(object, (of) => {
    const metadata = metadataIn(ask(of));
    if (metadata !== undefined) return metadata.controller ?? 'none';
    isOpen ||= of !== object && of === due;
    return learnedController(memory, of);
  });
  const node = learnedNode(memory, object);
  const metadata = metadataIn(own);
  const namespace = namespaceOf(object.namespace);
  return {
    context: {
      ...(owner !== undefined && { owner: isOpen ? { ...owner, guessed: true } : owner }),
      ...(node !== undefined && { node }),
      ...(metadata && { labels: metadata.labels, annotations: metadata.annotations }),
      ...(namespace && { namespaceLabels: namespace.labels, namespaceAnnotations: namespace.annotations }),
    },
    due,
    answer: own?.kind,
  };
}

function metadataIn(answer: Answer | undefined): Metadata | undefined {
  return answer?.kind === 'found' ? answer.metadata : undefined;
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', namespace: '', name, uid: '' };
}
