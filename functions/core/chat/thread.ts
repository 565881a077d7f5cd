import type { ClusterEvent } from '../contract/event.ts';
import { familyOf, groupsOf } from './groups.ts';

/** What all messages of an incident have in common: `[prod] BackOff · Deployment payments/api`. A digest of several has none. */
export function threadOf(events: readonly ClusterEvent[]): string | undefined {
  const [group, ...others] = groupsOf(events);
  if (!group || others.length > 0) return undefined;
  const [event] = group;
  return `[${event.cluster}] ${[event.reason, familyOf(event)].filter(Boolean).join(' · ')}`;
}
