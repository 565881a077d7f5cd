import type { Entry } from './evaluate.ts';
import type { KnownSet } from './reading.ts';

/** An edit that has taken effect. */
export interface Change {
  /** `<type>/<name>`. */
  readonly destination: string;
  /** The version that is in force from now on; undefined where the destination was removed. */
  readonly version: string | undefined;
}

/** The edits without mistakes between two readings. A bad one is no change: it is told as an error. */
export function changesBetween(
  before: KnownSet<unknown, unknown>,
  after: KnownSet<unknown, unknown>,
): readonly Change[] {
  const changes: Change[] = [];
  for (const [destination, { entry, errors }] of after) {
    const known = before.get(destination);
    const version = versionOf(entry);
    if (version === undefined || errors.length > 0) continue;
    const isRepaired = known !== undefined && known.errors.length > 0;
    if (isRepaired || !known || versionOf(known.entry) !== version) changes.push({ destination, version });
  }
  for (const destination of before.keys()) {
    if (!after.has(destination)) changes.push({ destination, version: undefined });
  }
  return changes;
}

function versionOf(entry: Entry): string | undefined {
  return entry.state === 'ready' ? entry.destination.version : undefined;
}
