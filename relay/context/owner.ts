import type { ContextOwner } from '../../functions/core/contract/context.ts';
import { ownerByName } from '../../functions/core/contract/owner.ts';
import type { ObjectRef } from './object.ts';

/** More than there are levels of controllers anywhere: whoever may write events could make them a circle. */
const MAX_LEVELS = 5;

/** Kinds that are usually made by others: where nobody has told by whom, such an object may be the topmost or not. */
const USUALLY_OWNED: ReadonlySet<string> = new Set(['ReplicaSet', 'Job']);

/**
 * The topmost controller of an object: up from controller to controller as far as they are known, and from there as the name
 * says. Undefined if it has none, or nothing says one.
 * @param controllerOf gives an object's controller, `none` where it is known to have none, undefined where that is not known.
 */
export function topmostOwner(
  object: ObjectRef,
  controllerOf: (object: ObjectRef) => ObjectRef | 'none' | undefined,
): ContextOwner | undefined {
  let top: ObjectRef | undefined;
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const at = top ?? object;
    const controller = controllerOf(at);
    if (controller === 'none') return top && ownerOf(top, false);
    if (controller === undefined) {
      const likely = ownerByName(at);
      if (likely !== undefined) return ownerOf(likely, true);
      return top && ownerOf(top, USUALLY_OWNED.has(top.kind));
    }
    top = controller;
  }
  return top && ownerOf(top, true);
}

function ownerOf({ kind, name }: Pick<ObjectRef, 'kind' | 'name'>, guessed: boolean): ContextOwner {
  return { kind, name, ...(guessed && { guessed }) };
}
