import type { Deployed } from '../aws/stack.ts';
import { durationText } from '../duration.ts';
import type { Row } from './row.ts';
import { RECENT_MS, type Heartbeat, type Signals } from './signals.ts';

/** The newest first. */
export function ofCluster(heartbeats: readonly Heartbeat[], cluster: string): readonly Heartbeat[] {
  return heartbeats.filter((each) => each.cluster === cluster).toSorted((a, b) => b.at - a.at);
}

/** A cluster as its relay's heartbeats tell of it. */
export interface ClusterState {
  readonly cluster: string;
  readonly last: Heartbeat | undefined;
  readonly versions: readonly string[];
  readonly installations: number;
  readonly isListed: boolean;
  /** What needs somebody. */
  readonly problems: readonly string[];
}

/** The clusters that the stack lists, and those that report all the same, by their names. */
export function clusterStates(relays: Deployed['relays'], heartbeats: Signals['heartbeats']): readonly ClusterState[] {
  const listed = relays.map(({ cluster }) => cluster);
  const names = [...new Set([...listed, ...heartbeats.map(({ cluster }) => cluster)])].toSorted();
  return names.map((cluster) => {
    const own = ofCluster(heartbeats, cluster);
    const [last] = own;
    const installations = new Set(own.map(({ installation }) => installation)).size;
    const isListed = listed.includes(cluster);
    const problems = [
      ...(last === undefined
        ? [`no heartbeat in the last ${durationText(RECENT_MS / 1000)}: is its relay running?`]
        : []),
      ...(installations > 1 ? [`${installations} relays report under this name: give each cluster its own`] : []),
      ...(isListed ? [] : ['not listed in clusters: no alarm watches it']),
    ];
    const versions = [...new Set(own.map(({ version }) => version))];
    return { cluster, last, versions, installations, isListed, problems };
  });
}

export function clusterRows({ relays }: Deployed, { heartbeats }: Signals, now: number): readonly Row[] {
  return clusterStates(relays, heartbeats).map(({ cluster, last, versions, installations, isListed, problems }) => {
    const age = last === undefined ? '' : `${durationText((now - last.at) / 1000)} ago`;
    const enrich = last?.enrich ?? '';
    const beat =
      last === undefined
        ? []
        : [`heartbeat ${age}`, `relay ${versions.join(' and ')}`, ...(enrich === '' ? [] : [`enriches ${enrich}`])];
    return {
      needsYou: problems.length > 0,
      text: `cluster ${cluster}: ${[...beat, ...problems].join('; ')}`,
      data: {
        kind: 'cluster',
        cluster,
        lastHeartbeat: last === undefined ? null : new Date(last.at).toISOString(),
        versions,
        installations,
        enrich,
        listed: isListed,
      },
      shown: {
        table: 'clusters',
        cells: [cluster, age || { text: 'none', tone: 'act' }, versions.join(', '), enrich],
        notes: problems.map((text) => ({ text, tone: 'act' })),
      },
    };
  });
}
