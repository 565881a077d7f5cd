import { byteLength, cutBytes } from './text.ts';

/** A paragraph of a message. */
export interface Block {
  /** The highest rank is left out first where a message is too long. */
  readonly rank: number;
  readonly text: string;
  /** The same paragraph within so many bytes: tried before any paragraph is left out. */
  readonly shrink?: (maxBytes: number) => string;
}

/** Shorter than this, a cut message says nothing; other paragraphs give way instead. */
const MIN_SHRUNK_BYTES = 240;

/** Joins paragraphs within a limit: first the message is cut, then paragraphs are left out by rank. */
export function fit(blocks: readonly Block[], gap: string, maxBytes: number): string {
  const text = blocks.map((block) => block.text).join(gap);
  const excess = byteLength(text) - maxBytes;
  if (excess <= 0) return text;
  const flexible = blocks.find(({ shrink }) => shrink !== undefined);
  const room = flexible === undefined ? 0 : byteLength(flexible.text) - excess;
  if (flexible?.shrink && room >= MIN_SHRUNK_BYTES) {
    const cut = flexible.shrink(room);
    return blocks.map((block) => (block === flexible ? cut : block.text)).join(gap);
  }
  const last = blocks.reduce<Block | undefined>(
    (most, block) => (most && most.rank > block.rank ? most : block),
    undefined,
  );
  if (last === undefined || blocks.length === 1) return cutBytes(text, maxBytes);
  return fit(
    blocks.filter((block) => block !== last),
    gap,
    maxBytes,
  );
}
