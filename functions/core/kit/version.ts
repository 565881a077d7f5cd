import type { ClusterEvent } from '../contract/event.ts';

const MAX_VERSION = 2n ** 63n - 1n;

/**
 * The version of an event as stores can order it, a whole number of 63 bits: its resourceVersion, or where the cluster's are
 * opaque the milliseconds of its time.
 */
export function comparableVersion({ resourceVersion, lastSeen }: ClusterEvent): bigint {
  const isOrdered = /^\d{1,19}$/.test(resourceVersion) && BigInt(resourceVersion) <= MAX_VERSION;
  return isOrdered ? BigInt(resourceVersion) : BigInt(Date.parse(lastSeen));
}
