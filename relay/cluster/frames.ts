/** A line of a watch stream, or the beginning of one that is too long to be held. */
export type Frame = { readonly line: Buffer } | { readonly tooLong: Buffer };

export interface FrameSplitter {
  /** The frames that this chunk completes. A last line without its line feed is never a frame. */
  push(chunk: Buffer): Generator<Frame>;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** How much of a line that is too long is kept, to recognise it when it comes again. */
const PREFIX_BYTES = 1024;

/** Splits a byte stream into lines, holding at most `maxBytes` of an unfinished one. Empty lines are skipped. */
export function createFrameSplitter(maxBytes: number): FrameSplitter {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;

  function take(last: Buffer): Buffer {
    const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    return whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
  }

  return {
    *push(chunk) {
      let start = 0;
      while (start < chunk.length) {
        const at = chunk.indexOf(LINE_FEED, start);
        const end = at === -1 ? chunk.length : at;
        if (skipping) {
          skipping = at === -1;
        } else if (held + end - start > maxBytes) {
          const prefix = Buffer.from(take(chunk.subarray(start, end)).subarray(0, PREFIX_BYTES));
          skipping = at === -1;
          yield { tooLong: prefix };
        } else if (at === -1) {
          // A copy, so that a few bytes of an unfinished line do not keep the whole chunk alive.
          parts.push(Buffer.from(chunk.subarray(start)));
          held += end - start;
        } else {
          const line = take(chunk.subarray(start, end));
          if (line.length > 0) yield { line };
        }
        start = end + 1;
      }
    },
  };
}
