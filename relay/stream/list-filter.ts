import { clusterEvent, type KubeEvent } from '../../functions/core/contract/event.ts';
import { versionOf } from '../cluster/frame-parser.ts';
import { compareVersions } from '../cluster/resource-version.ts';
import type { StartFrom } from '../config.ts';
import type { Watermark } from './watermark.ts';

/** Why all events are listed. */
export type ListCause =
  /** There is no cursor yet. */
  | 'start'
  /** The version to watch from is no longer there (410). */
  | 'expired'
  /** The cluster was restored to an earlier state. */
  | 'restore'
  /** There was a cursor, and it is gone. */
  | 'cursor-lost'
  /** Watches from the version end at once and are empty. */
  | 'empty-watch'
  /** The server does not understand the version (400). */
  | 'refused-version'
  /** The server repeats its error for the version. */
  | 'repeated-error';

/**
 * Which listed events are to be sent: what the cursor does not cover; without a cursor, what START_FROM asks for; all
 * of them where the cursor means nothing any more.
 */
export function listFilter(
  cause: ListCause,
  { rv, observedMs }: Pick<Watermark, 'rv' | 'observedMs'>,
  startFrom: StartFrom,
): (event: KubeEvent) => boolean {
  if (cause === 'restore' || cause === 'cursor-lost') return () => true;
  // Versions without an order say nothing about each other: such an event is sent.
  if (rv !== undefined) return (event) => (compareVersions(versionOf(event), rv) ?? 1) > 0;
  if (startFrom.kind !== 'lookBack') return () => true;
  const from = new Date(Math.max(0, observedMs - startFrom.ms)).toISOString();
  return (event) => lastSeen(event) >= from;
}

/** When an event happened last, RFC 3339. One without any usable time counts as seen now. */
function lastSeen(event: KubeEvent): string {
  const seenAt = new Date().toISOString();
  return clusterEvent({ cluster: '', seenAt, change: 'listed', event }).lastSeen;
}
