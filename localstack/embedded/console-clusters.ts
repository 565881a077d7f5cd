import type { GapMessage, HeartbeatMessage } from '../../functions/core/contract/message.ts';
import type { ClusterFlow } from '../../infra/console/contract.ts';
import { durationText } from '../../infra/ops/duration.ts';
import { oneLine } from '../../infra/ops/one-line.ts';

/** What relays say of themselves. */
export interface Clusters {
  accept(message: HeartbeatMessage | GapMessage): void;
  flow(): readonly ClusterFlow[];
}

/** Heartbeats come every five minutes: two may be late. */
const LATE_MS = 15 * 60_000;
const MOST_CLUSTERS = 100;
/** Of each cluster: the newest. */
const MOST_GAPS = 3;

interface Known {
  readonly heartbeatMs?: number;
  readonly relayVersion?: string;
  readonly gaps: readonly string[];
}

export function createClusters(now: () => number): Clusters {
  const clusters = new Map<string, Known>();
  return {
    accept(message) {
      const known = clusters.get(message.cluster) ?? { gaps: [] };
      clusters.set(message.cluster, message.kind === 'gap' ? withGap(known, message) : withHeartbeat(known, message));
      const [first] = clusters.keys();
      if (clusters.size > MOST_CLUSTERS && first !== undefined) clusters.delete(first);
    },
    flow: () =>
      [...clusters].map(([cluster, { heartbeatMs, relayVersion, gaps }]) => ({
        cluster,
        ...(heartbeatMs !== undefined && { lastHeartbeat: new Date(heartbeatMs).toISOString() }),
        ...(relayVersion !== undefined && { relayVersion }),
        problems: [...lateness(heartbeatMs), ...gaps],
      })),
  };

  function withHeartbeat(known: Known, { relay: { version } }: HeartbeatMessage): Known {
    return { ...known, heartbeatMs: now(), relayVersion: oneLine(version, 40) };
  }

  function lateness(heartbeatMs: number | undefined): readonly string[] {
    const ageMs = now() - (heartbeatMs ?? now());
    return ageMs > LATE_MS ? [`no heartbeat for ${durationText(ageMs / 1000)}: is its relay running?`] : [];
  }
}

function withGap(known: Known, { from, to, cause }: GapMessage): Known {
  const gap = oneLine(`events may have been missed from ${from} to ${to}: ${cause}`);
  return { ...known, gaps: [gap, ...known.gaps].slice(0, MOST_GAPS) };
}
