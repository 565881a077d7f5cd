/** A stranger's text on one line of at most so many characters, with nothing in it that steers the terminal it is read on. */
export function oneLine(text: string, length = 300): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, length);
}
