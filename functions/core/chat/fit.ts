import { sizeOf, type TextUnit } from '../kit/text.ts';

/** A paragraph of a message. */
export interface Block {
  /** The highest rank is left out first where a message is too long; of rank 0 there is one, which stays. */
  readonly rank: number;
  readonly text: string;
  /** The same paragraph within less room: tried before any paragraph is left out, and empty where it cannot be that short. */
  readonly shrink?: (room: number) => string;
}

/** The longest a message may be. */
export interface Limit {
  readonly max: number;
  readonly unit: TextUnit;
}

/** Shorter than this, a cut message says nothing; other paragraphs give way instead. */
const MIN_SHRUNK = 240;

/** Joins paragraphs within a limit: first the one that can shrink is shortened, then paragraphs are left out by rank, at last all but one. */
export function fit(blocks: readonly Block[], gap: string, limit: Limit): string {
  const text = blocks.map((block) => block.text).join(gap);
  const excess = sizeOf(text, limit.unit) - limit.max;
  if (excess <= 0) return text;
  const [only, second] = blocks;
  if (only && !second) return only.shrink?.(limit.max) ?? '';
  const flexible = blocks.find(({ rank, shrink }) => rank > 0 && shrink !== undefined);
  const room = flexible === undefined ? 0 : sizeOf(flexible.text, limit.unit) - excess;
  if (flexible?.shrink && room >= MIN_SHRUNK) {
    const shorter = flexible.shrink(room);
    return blocks.map((block) => (block === flexible ? shorter : block.text)).join(gap);
  }
  const last = blocks.reduce<Block | undefined>(
    (most, block) => (most && most.rank > block.rank ? most : block),
    undefined,
  );
  return fit(
    blocks.filter((block) => block !== last),
    gap,
    limit,
  );
}
