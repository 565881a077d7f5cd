/** A number of things: `1 letter`, `2 letters`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${plural(count, 's')}`;
}

/** An ending that depends on a number: `plural(2, 'are', 'is')`. */
export function plural(count: number, many: string, one = ''): string {
  return count === 1 ? one : many;
}
