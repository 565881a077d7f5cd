import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { oneLine } from './one-line.ts';

/** An event on one line, with its time. */
export function eventLine({ lastSeen, cluster, type, reason, object, message, count }: ClusterEvent): string {
  const place = [object.namespace, object.name].filter(Boolean).join('/');
  return oneLine(`${lastSeen} ${cluster} ${type} ${reason} ${object.kind} ${place} (x${count}): ${message}`, 240);
}
