/** Marks that turn the order of what follows around, so that it reads as something else. */
const TURNS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** A text in the order that its characters have: what would turn them around is shown as JSON escapes it. */
export function inOrder(text: string): string {
  return text.replaceAll(TURNS, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
