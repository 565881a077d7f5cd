import { holderOf, type Lease, versionOf } from './lease-api.ts';

/** Since when a Lease has been seen unchanged, by this relay's own monotonic clock: no clocks are compared. */
export interface Observation {
  readonly version: string;
  readonly sinceMs: number;
}

/** What has been observed once the Lease was read at this instant. */
export function observe(before: Observation | undefined, lease: Lease, nowMs: number): Observation {
  const version = versionOf(lease);
  return before?.version === version ? before : { version, sinceMs: nowMs };
}

/**
 * Whether a relay may take a Lease: nobody holds it, it held it before (and has lost its memory since), or its holder has
 * not renewed it under this relay's eyes for `durationMs`.
 */
export function mayTake(
  lease: Lease,
  identity: string,
  { sinceMs }: Observation,
  nowMs: number,
  durationMs: number,
): boolean {
  const holder = holderOf(lease);
  return holder === '' || holder === identity || nowMs - sinceMs >= durationMs;
}
