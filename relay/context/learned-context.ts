import type { EventContext } from '../../functions/core/contract/context.ts';
import type { KubeEvent } from '../../functions/core/contract/event.ts';
import type { ContextMemory } from './memory.ts';
import { involvedObject, type ObjectRef } from './object.ts';
import { topmostOwner } from './owner.ts';

/** The context of events as far as events themselves have told it: no request is made for it. */
export function learnedContext(memory: ContextMemory, event: KubeEvent): EventContext {
  const object = involvedObject(event);
  const owner = topmostOwner(object, (of) => learnedController(memory, of));
  const node = learnedNode(memory, object);
  return { ...(owner && { owner }), ...(node !== undefined && { node }) };
}

/** An object's controller, as events have told it. */
export function learnedController(memory: ContextMemory, of: ObjectRef): ObjectRef | undefined {
  const owner = memory.ownerOf(of);
  return owner && { apiVersion: '', kind: owner.kind, namespace: of.namespace, name: owner.name, uid: '' };
}

/** The node that an object is on, as events have told it, or is. */
export function learnedNode(memory: ContextMemory, object: ObjectRef): string | undefined {
  if (object.kind === 'Node') return object.name || undefined;
  return object.kind === 'Pod' ? memory.nodeOf(object) : undefined;
}
