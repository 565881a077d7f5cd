/**
 * `Retry-After` in whole milliseconds from now: seconds, also fractions of them, or an HTTP date (RFC 9110, section 10.2.3). A date that
 * has passed means now. Undefined if the header is absent or unreadable.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // A date begins with its weekday: Date.parse also takes "-5" and "1e9" for dates.
  const time = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - nowMs);
}
