import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { oneLine } from '../ops/one-line.ts';
import type { EventLine } from './contract.ts';

/** An event as lists show it: from an event of any sender, so that every text is cut. */
export function eventLine(event: ClusterEvent): EventLine {
  const { id, seenAt, cluster, type, reason, severity, object, owner, message, count } = event;
  return {
    id,
    at: seenAt,
    cluster,
    type: oneLine(type, 40),
    reason: oneLine(reason, 100),
    severity,
    kind: oneLine(object.kind, 60),
    namespace: oneLine(object.namespace, 100),
    name: oneLine(object.name, 260),
    ...(owner && { owner: oneLine(`${owner.kind}/${owner.name}`, 300) }),
    message: oneLine(message, 300),
    count,
  };
}
