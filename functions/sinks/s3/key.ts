/** The names of objects: which partition an event is in, and what tells a batch from another. */
import { createHash } from 'node:crypto';
import type { ClusterEvent } from '../../core/contract/event.ts';

/** An hour of a cluster, as the path of its objects: `cluster=prod/date=2026-11-23/hour=07`. UTC, by `lastSeen`, which people ask for. */
export function partitionOf({ cluster, lastSeen }: Pick<ClusterEvent, 'cluster' | 'lastSeen'>): string {
  return `cluster=${encodeURIComponent(cluster)}/date=${lastSeen.slice(0, 10)}/hour=${lastSeen.slice(11, 13)}`;
}

/**
 * The key of a batch's object in its partition: equal of equal events, whatever their order, so that the same batch is one object
 * however often it is written.
 */
export function objectKey(prefix: string, events: readonly [ClusterEvent, ...ClusterEvent[]]): string {
  const ids = events.map(({ id }) => id).toSorted();
  const first = Math.min(...events.map(({ lastSeen }) => Date.parse(lastSeen)));
  const identity = createHash('sha256').update(ids.join('\n')).digest('base64url').slice(0, 16);
  return `${prefix}/${partitionOf(events[0])}/${first}-${identity}.ndjson.gz`;
}
