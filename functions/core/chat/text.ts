/** What a reader cannot see, or what turns the text around: controls, format characters (bidi, zero width), line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

// No chat shows more of one value than this; bounds the work on a message of a megabyte.
const MAX_CHARACTERS = 10_000;

/** A text on one line, without control, format or unpaired surrogate characters. */
export function plainLine(text: string): string {
  return text.slice(0, MAX_CHARACTERS).toWellFormed().replace(INVISIBLE, ' ').trim();
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** Cuts a text to at most `maxBytes` of UTF-8, between code points; what was cut ends in an ellipsis. */
export function cutBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  const mark = '…';
  const room = maxBytes - byteLength(mark);
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += byteLength(character);
    if (used > room) break;
    end += character.length;
  }
  return room < 0 ? '' : `${text.slice(0, end).trimEnd()}${mark}`;
}
