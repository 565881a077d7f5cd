/** A number of things: `1 letter`, `2 letters`. */
export function countText(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${plural(count, many, noun)}`;
}

/** An ending that depends on a number: `plural(2, 'are', 'is')`. */
export function plural(count: number, many: string, one = ''): string {
  return count === 1 ? one : many;
}
