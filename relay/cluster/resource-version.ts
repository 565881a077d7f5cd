/**
 * Orders two resource versions of one resource type, which the API defines as decimal numbers of any length
 * (KEP-5504). Returns undefined where one of them is not decimal, because then nothing may be concluded.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (!isOrdered(a) || !isOrdered(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether a version takes part in the order: a decimal number without leading zeros. */
export function isOrdered(version: string): boolean {
  return /^[1-9]\d*$/.test(version);
}
