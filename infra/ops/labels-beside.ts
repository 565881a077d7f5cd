import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { recordOf, textOf, textsOf } from '../../functions/core/contract/untrusted.ts';

/** Gives events the labels and annotations of objects that stand beside them in a file, as a relay that looks them up does. */
export function labelledBy(objects: readonly unknown[]): (event: ClusterEvent) => ClusterEvent {
  const known = new Map(
    objects.map((object) => {
      const { kind, metadata } = recordOf(object);
      const { namespace, name, labels, annotations } = recordOf(metadata);
      const key = keyOf(textOf(kind), textOf(namespace), textOf(name));
      return [key, { labels: textsOf(labels), annotations: textsOf(annotations) }] as const;
    }),
  );
  return function labelled(event) {
    const { object, namespace } = event;
    return {
      ...event,
      object: { ...object, ...known.get(keyOf(object.kind, object.namespace, object.name)) },
      namespace: known.get(keyOf('Namespace', '', object.namespace)) ?? namespace,
    };
  };
}

function keyOf(...names: readonly string[]): string {
  return names.join('/');
}
