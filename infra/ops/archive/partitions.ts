import type { ArchiveObject, ArchivePlace } from './place.ts';

/** What part of an archive is meant: events last seen from `since` on and before `until`, in milliseconds. */
export interface Range {
  readonly since: number;
  readonly until: number;
  /** @default all */
  readonly cluster?: string | undefined;
}

/** An hour of a cluster, with something in it. */
export interface Partition {
  readonly cluster: string;
  /** `2026-11-23` */
  readonly date: string;
  /** `07` */
  readonly hour: string;
  readonly objects: readonly ArchiveObject[];
}

const HOUR_MS = 3_600_000;

/** The partitions that can hold an event of the range, in the order of time: no other is listed, and none is read. */
export async function* partitionsIn(place: ArchivePlace, range: Range): AsyncGenerator<Partition> {
  const clusters = await clustersIn(place, range);
  const days = new Set<string>();
  const hasDay = new Set<string>();
  for (const cluster of clusters) {
    for (const date of await valuesOf(place, `cluster=${cluster}/`, 'date')) {
      if (!overlaps(range, Date.parse(date), 24 * HOUR_MS)) continue;
      days.add(date);
      hasDay.add(`${cluster} ${date}`);
    }
  }
  for (const date of [...days].toSorted()) {
    const hours: { readonly cluster: string; readonly hour: string }[] = [];
    for (const cluster of clusters) {
      if (!hasDay.has(`${cluster} ${date}`)) continue;
      for (const hour of await valuesOf(place, `cluster=${cluster}/date=${date}/`, 'hour'))
        if (overlaps(range, Date.parse(`${date}T${hour}:00:00Z`), HOUR_MS)) hours.push({ cluster, hour });
    }
    for (const { cluster, hour } of hours.toSorted((a, b) => Number(a.hour) - Number(b.hour))) {
      const objects = await place.objects(`cluster=${cluster}/date=${date}/hour=${hour}/`);
      yield { cluster: decodeURIComponent(cluster), date, hour, objects };
    }
  }
}

/** The clusters as they stand in keys. */
async function clustersIn(place: ArchivePlace, { cluster }: Range): Promise<readonly string[]> {
  return cluster === undefined ? valuesOf(place, '', 'cluster') : [encodeURIComponent(cluster)];
}

async function valuesOf(place: ArchivePlace, path: string, name: string): Promise<readonly string[]> {
  const folders = await place.folders(path);
  return folders.flatMap((folder) => (folder.startsWith(`${name}=`) ? [folder.slice(name.length + 1)] : []));
}

/** Whether a stretch of time that begins at `from` has something of the range; what is no time has not. */
function overlaps({ since, until }: Range, from: number, lengthMs: number): boolean {
  return from < until && from + lengthMs > since;
}
