/** What a reader cannot see, or what turns the text around: controls, format characters (bidi, zero width), line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

// No chat shows more of one value than this; bounds the work on a message of a megabyte.
const MAX_CHARACTERS = 10_000;

/** A text on one line, without control, format or unpaired surrogate characters. */
export function plainLine(text: string): string {
  return text.slice(0, MAX_CHARACTERS).toWellFormed().replace(INVISIBLE, ' ').trim();
}

/** How a service counts a text: in bytes of UTF-8, or in UTF-16 units, which is what most mean by characters. */
export type TextUnit = 'utf8' | 'utf16';

export function sizeOf(text: string, unit: TextUnit): number {
  return unit === 'utf8' ? Buffer.byteLength(text) : text.length;
}

/** What a service does with a text: how it counts, and what has to be escaped in it. */
export interface TextRules {
  readonly unit: TextUnit;
  readonly escape: (text: string) => string;
}

const MARK = '…';

/**
 * A text escaped, of at most `max` as the service counts it. One that is too long is cut before it is escaped, so that no escape is
 * ever cut in two: between code points, with an ellipsis at the end.
 */
export function cutText(text: string, max: number, { unit, escape }: TextRules): string {
  const fits = (part: string): boolean => sizeOf(part, unit) <= max;
  const whole = escape(text);
  if (fits(whole)) return whole;
  const cutAt = (units: number): string => `${escape(beginning(text, units))}${MARK}`;
  // Neither unit counts less than one for a UTF-16 unit. A share of some room need not be whole: halving would not end then.
  let [longest, tooLong] = [0, Math.min(text.length, Math.floor(max)) + 1];
  while (tooLong - longest > 1) {
    const middle = Math.floor((longest + tooLong) / 2);
    if (fits(cutAt(middle))) longest = middle;
    else tooLong = middle;
  }
  const cut = cutAt(longest);
  return fits(cut) ? cut : '';
}

/** The first UTF-16 units of a text, no half of a pair among them, without blanks at the end. */
function beginning(text: string, units: number): string {
  return text
    .slice(0, units)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
}

const unescaped: TextRules = { unit: 'utf8', escape: (text) => text };

/** Cuts a text to at most `maxBytes` of UTF-8, between code points; what was cut ends in an ellipsis. */
export function cutBytes(text: string, maxBytes: number): string {
  return cutText(text, maxBytes, unescaped);
}
