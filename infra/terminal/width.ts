import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many cells of a terminal a text takes: two for East Asian wide characters and pictures, none for colours. */
export function widthOf(text: string): number {
  // Most texts are of ASCII, and each character of it is one cell.
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** The text with blanks beside it, so that it takes so many cells; a longer one stays as it is. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? `${text}${blanks}` : `${blanks}${text}`;
}

/** A text of one line and at most so many cells; what was cut ends in an ellipsis. */
export function cutTo(text: string, width: number): string {
  const line = harmless(text);
  if (widthOf(line) <= width) return line;
  const [start = ''] = pieces(line, width - 1);
  return widthOf(start) < width ? `${start.trimEnd()}…` : '…';
}

/**
 * A text in lines of at most so many cells, broken at blanks; only what is longer than a line is broken within, between
 * characters. The first line may have less room, because something stands before it.
 */
export function wrapTo(text: string, width: number, firstWidth = width): readonly string[] {
  const whole = harmless(text);
  if (widthOf(whole) <= firstWidth) return [whole];
  const lines: string[] = [];
  let line = '';
  let taken = 0;
  for (const word of whole.split(/ +/).filter(Boolean)) {
    const isFirst = line === '';
    const cells = widthOf(word);
    if (taken + (isFirst ? 0 : 1) + cells <= (lines.length === 0 ? firstWidth : width)) {
      line += isFirst ? word : ` ${word}`;
      taken += (isFirst ? 0 : 1) + cells;
      continue;
    }
    if (!isFirst || (lines.length === 0 && firstWidth < width)) lines.push(line);
    const parts = cells <= width ? [word] : pieces(word, width);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
    taken = widthOf(line);
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** A text in pieces of at most so many cells. A character that is wider than that is a piece by itself. */
function pieces(text: string, width: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  let taken = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = widthOf(segment);
    if (piece !== '' && taken + cells > width) {
      found.push(piece);
      piece = '';
      taken = 0;
    }
    piece += segment;
    taken += cells;
  }
  return piece === '' ? found : [...found, piece];
}

/** Nothing in a stranger's text steers the terminal, or breaks the line. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
