import type { ClusterEvent } from '../../core/contract/event.ts';

/** The tags of an event by the names of Datadog's own agent, and further ones. */
export function tagsOf(
  { cluster, object, owner, reason, source, type }: ClusterEvent,
  further: readonly string[],
): readonly string[] {
  const tags = {
    kube_cluster_name: cluster,
    kube_namespace: object.namespace,
    kube_kind: object.kind,
    kube_name: object.name,
    ...(owner && { [`kube_${owner.kind}`]: owner.name }),
    event_reason: reason,
    event_type: type,
    source_component: source.component,
    orchestrator: 'kubernetes',
  };
  const own = Object.entries(tags)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => tagText(`${name}:${value}`));
  return [...own, ...further];
}

/** A tag as Datadog keeps it: other characters become an underscore, and there are 200 at the most. */
function tagText(tag: string): string {
  return tag
    .toLowerCase()
    .slice(0, 200)
    .replaceAll(/[^a-z0-9_:./-]/g, '_');
}
