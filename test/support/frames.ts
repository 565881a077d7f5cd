import fc from 'fast-check';
import type { Frame } from '../../relay/cluster/frames.ts';

/** A frame as text. */
export function frameText(frame: Frame): string {
  return 'line' in frame ? frame.line.toString() : `too long: ${frame.tooLong.length}`;
}

/** Ways to cut a buffer into chunks. */
export function chunksOfBytes(bytes: Buffer): fc.Arbitrary<readonly Buffer[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 20 }).map((places) => {
    const ends = [...new Set([0, ...places, bytes.length])].toSorted((a, b) => a - b);
    return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
  });
}
