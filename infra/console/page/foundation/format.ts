/** `14:03:59`, in the time of whoever looks. Empty where the text is no time. */
export function clock(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? ''
    : [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `2026-11-23 14:03:59`, likewise. */
export function dateClock(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${day.map((part) => String(part).padStart(2, '0')).join('-')} ${clock(at)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** `2d 3h`, `4m 10s`, `0s`: the two largest units of a time in seconds. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => rest >= size);
  if (first === -1) return '0s';
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.filter(Boolean).join(' ');
}

/** `12,345`, the same in every language. */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Events a second: with a decimal only where it matters. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? whole(perSecond) : perSecond.toFixed(1);
}
