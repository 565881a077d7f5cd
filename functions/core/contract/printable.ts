const MAX_BYTES = 1024;

/** One line of printable text of at most 1 KB: SQS refuses control characters, and whoever reads it has a terminal. */
export function printable(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]+/gu, ' ')
    .trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= MAX_BYTES) return line;
  // A cut inside a character leaves a replacement character, which goes too.
  return `${bytes
    .subarray(0, MAX_BYTES - 3)
    .toString()
    .replace(/\uFFFD$/, '')}…`;
}
