import { clusterEvent, type KubeEvent, MESSAGE_VERSION } from '../../functions/core/contract/event.ts';
import type { StartFrom } from '../config.ts';
import { versionOf } from '../cluster/frame-parser.ts';
import { compareVersions } from '../cluster/resource-version.ts';
import type { Cursor } from './watermark.ts';

/** Why all events are listed. */
export type ListCause = 'start' | 'expired' | 'restore' | 'cursor-lost' | 'empty-watch' | 'refused-version';

/**
 * Which listed events are to be sent: what the cursor does not cover; without a cursor, what START_FROM asks for; all
 * of them where the cursor means nothing any more.
 */
export function listFilter(cause: ListCause, cursor: Cursor, startFrom: StartFrom): (event: KubeEvent) => boolean {
  const { rv, observedAt } = cursor;
  if (cause === 'restore' || cause === 'cursor-lost') return () => true;
  if (rv !== undefined) return (event) => (compareVersions(versionOf(event), rv) ?? 1) > 0;
  if (startFrom.kind !== 'lookBack') return () => true;
  const from = new Date(Date.parse(observedAt) - startFrom.ms).toISOString();
  // An event without any usable time counts as seen now, and is sent.
  const head = {
    v: MESSAGE_VERSION,
    kind: 'event',
    cluster: '',
    seenAt: new Date().toISOString(),
    change: 'listed',
  } as const;
  return (event) => clusterEvent({ ...head, event }).lastSeen >= from;
}
