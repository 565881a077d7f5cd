import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { oneLine } from './one-line.ts';

/** An event on one line, with its time and cluster. */
export function eventLine(event: ClusterEvent): string {
  return oneLine(`${event.lastSeen} ${event.cluster} ${eventWords(event)}`, 240);
}

/** What happened to what, how often, and what was said of it. */
export function eventWords({ type, reason, object, message, count }: ClusterEvent): string {
  const place = [object.namespace, object.name].filter(Boolean).join('/');
  return `${type} ${reason} ${object.kind} ${place} (x${count}): ${message}`;
}
