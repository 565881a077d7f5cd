/** Heights of a row, in CSS pixels: as in live.css. */
export const ROW_HEIGHT = { wide: 28, narrow: 56 } as const;
/** Below this width of the list a row has two lines. */
export const NARROW_BELOW = 620;
/** Rows drawn beyond what is seen, on each side, so that scrolling finds them there. */
const BEYOND = 6;

/** The rows that are drawn of a list. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - BEYOND);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + BEYOND);
  return { first, end: Math.max(first, end) };
}

/** Where to scroll so that a row is seen whole; the same where it is. */
export function scrollToSee(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
